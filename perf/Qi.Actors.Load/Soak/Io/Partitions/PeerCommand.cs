// The other end of the line, on the framework's blocking sockets: a stranger to the runtime that is tested. It does what each connection orders, until its input ends.

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.Load.Soak.Io.Partitions;

/// <summary>What io-soak starts in a network of its own.</summary>
internal static class PeerCommand
{
    private const int BufferBytes = 20_000;

    // Whoever orders may have gone during a cut, and never says so.
    private const int PatienceMs = 15_000;
    private const int QuietMs = 2_000;

    public static int Run(Arguments arguments)
    {
        arguments.Allow();
        if (OwnNetwork.Enter() is { } refusal)
            throw new UsageException($"io-peer has no network of its own: {refusal}.");
        Console.CancelKeyPress += static (_, pressed) => pressed.Cancel = true; // the end of its input is what ends it
        Console.WriteLine("inside");
        while (Console.In.ReadLine() is { } line)
            Console.WriteLine(Do(line));
        return ExitCodes.Passed;
    }

    private static string Do(string line)
    {
        try
        {
            if (line.StartsWith("ip ", StringComparison.Ordinal))
            {
                IpTool.Run(line[3..]);
                return "";
            }

            return line.StartsWith("listen ", StringComparison.Ordinal) ? Listen(IPAddress.Parse(line[7..])).ToString() : "what?";
        }
        catch (Exception e) when (e is InvalidOperationException or SocketException)
        {
            return e.Message;
        }
    }

    // One port for both.
    private static int Listen(IPAddress address)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen(512);
        var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Bind(listener.LocalEndPoint!);
        Start(() =>
        {
            while (true)
            {
                var connection = listener.Accept();
                Start(() => Serve(connection));
            }
        });
        Start(() => Echo(datagrams));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    private static void Start(Action work) => new Thread(() => work()) { IsBackground = true }.Start();

    private static void Echo(Socket datagrams)
    {
        byte[] buffer = new byte[65_536];
        while (true)
        {
            try
            {
                EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
                int count = datagrams.ReceiveFrom(buffer, ref sender);
                datagrams.SendTo(buffer.AsSpan(0, count), sender);
            }
            catch (SocketException)
            {
                // The line is cut.
            }
        }
    }

    private static void Serve(Socket connection)
    {
        using var open = connection;
        connection.NoDelay = true;
        connection.ReceiveTimeout = PatienceMs;
        connection.SendTimeout = PatienceMs;
        try
        {
            byte[] order = new byte[PeerOrder.Bytes];
            for (int read = 0; read < order.Length;)
            {
                int count = connection.Receive(order.AsSpan(read));
                if (count == 0)
                    return;
                read += count;
            }

            Do(PeerOrder.Read(order), connection);
        }
        catch (SocketException)
        {
            // Who ordered has gone.
        }
    }

    private static void Do(PeerOrder order, Socket connection)
    {
        byte[] buffer = new byte[BufferBytes];
        switch (order.Role)
        {
            case PeerRole.Source:
                SendSeed(order, connection, buffer);
                connection.Shutdown(SocketShutdown.Send);
                while (connection.Receive(buffer) > 0)
                {
                    // Until the other end has ended too.
                }

                break;
            case PeerRole.Sink:
                long right = ReadSeed(order, connection, buffer);
                BinaryPrimitives.WriteInt64LittleEndian(buffer, right);
                connection.Send(buffer.AsSpan(0, sizeof(long)));
                break;
            case PeerRole.Echo:
                int count;
                while ((count = connection.Receive(buffer)) > 0)
                    connection.Send(buffer.AsSpan(0, count));
                break;
            case PeerRole.Reset:
                SendSeed(order, connection, buffer);
                connection.LingerState = new LingerOption(true, 0);
                break;
            case PeerRole.Quiet:
                Thread.Sleep(QuietMs);
                break;
        }
    }

    private static void SendSeed(PeerOrder order, Socket connection, byte[] buffer)
    {
        for (long sent = 0; sent < order.Length;)
        {
            int count = (int)Math.Min(buffer.Length, order.Length - sent);
            SeedStream.Fill(order.Seed, sent, buffer.AsSpan(0, count));
            connection.Send(buffer.AsSpan(0, count));
            sent += count;
        }
    }

    // How many were right; negative at the first that was not.
    private static long ReadSeed(PeerOrder order, Socket connection, byte[] buffer)
    {
        long read = 0;
        int count;
        while ((count = connection.Receive(buffer)) > 0)
        {
            int wrong = SeedStream.FirstDifference(order.Seed, read, buffer.AsSpan(0, count));
            if (wrong >= 0)
                return -(read + wrong) - 1;
            read += count;
        }

        return read;
    }
}
