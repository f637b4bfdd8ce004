namespace Qi.Actors.Load.Net;

/// <summary>This program as an echo server: says where it listens, and ends with its input.</summary>
internal static class NetServeCommand
{
    public static int Run(Arguments arguments)
    {
        arguments.Allow("kind", "port", "core", "protocol");
        var kind = ServerKind.Find(arguments.Text("kind") ?? "dotnet");
        var transport = TransportOf(arguments.Text("protocol") ?? "tcp");
        int port = (int)arguments.Number("port", 0, least: 0);
        if (port > ushort.MaxValue)
            throw new UsageException($"--port is {port}. It must be at most {ushort.MaxValue}; 0 is any port that is free.");
        Confinement.Enter(arguments.Text("core") is null ? null : (int)arguments.Number("core", 0, least: 0), kind.Settings);

        using var server = kind.Start(transport, port);
        Console.WriteLine(NetProtocol.Write(new Ready(kind.Name, server.Port, Environment.ProcessId)));
        while (Console.In.ReadLine() is not null)
        {
            // Nothing is said to a server: the end of its input is what it waits for.
        }

        return ExitCodes.Passed;
    }

    private static Transport TransportOf(string word) => word switch
    {
        "tcp" => Transport.Tcp,
        "udp" => Transport.Udp,
        _ => throw new UsageException($"--protocol is '{word}'. It must be tcp or udp."),
    };
}
