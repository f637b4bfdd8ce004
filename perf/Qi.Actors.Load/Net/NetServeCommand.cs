namespace Qi.Actors.Load.Net;

/// <summary>This program as an echo server: says where it listens, and ends with its input.</summary>
internal static class NetServeCommand
{
    public static int Run(Arguments arguments)
    {
        arguments.Allow("kind", "port", "core", "protocol", "buffers");
        var kind = ServerKind.Find(arguments.Text("kind") ?? "dotnet");
        var transport = TransportOf(arguments.Text("protocol") ?? "tcp");
        var buffering = BufferingOf(arguments.Text("buffers") ?? "kept");
        int port = (int)arguments.Number("port", 0, least: 0);
        if (port > ushort.MaxValue)
            throw new UsageException($"--port is {port}. It must be at most {ushort.MaxValue}; 0 is any port that is free.");
        Confinement.Enter(arguments.Text("core") is null ? null : (int)arguments.Number("core", 0, least: 0), kind.Settings);

        using var server = kind.Start(transport, buffering, port);
        Console.WriteLine(NetProtocol.Write(new Ready(kind.Name, server.Port, Environment.ProcessId)));
        while (Console.In.ReadLine() is { } line)
        {
            if (line == "memory")
                Console.WriteLine(NetProtocol.Write(MemoryOf(server)));
        }

        return ExitCodes.Passed;
    }

    private static ServerMemory MemoryOf(IEchoServer server)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return new ServerMemory(GC.GetTotalMemory(forceFullCollection: true), server.SlabBytes);
    }

    private static Buffering BufferingOf(string word) => word switch
    {
        "kept" => Buffering.Kept,
        "rented" => Buffering.Rented,
        _ => throw new UsageException($"--buffers is '{word}'. It must be kept or rented."),
    };

    private static Transport TransportOf(string word) => word switch
    {
        "tcp" => Transport.Tcp,
        "udp" => Transport.Udp,
        _ => throw new UsageException($"--protocol is '{word}'. It must be tcp or udp."),
    };
}
