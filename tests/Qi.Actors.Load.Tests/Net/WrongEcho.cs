using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.Load.Tests.Net;

/// <summary>An echo server for one connection at a time that does to its bytes what a test wishes.</summary>
internal sealed class WrongEcho : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _work;

    /// <param name="change">Gets what came and its place in the stream; says how much of it goes back, 0 for the end.</param>
    public WrongEcho(Func<byte[], long, int> change)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _work = Task.Run(() => Serve(change));
    }

    public int Port { get; }

    public void Dispose()
    {
        _listener.Dispose();
        _work.Wait();
    }

    private void Serve(Func<byte[], long, int> change)
    {
        try
        {
            while (true)
            {
                using var connection = _listener.Accept();
                Echo(connection, change);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was closed, or the client found what it was to find and went away.
        }
    }

    private static void Echo(Socket connection, Func<byte[], long, int> change)
    {
        byte[] buffer = new byte[4096];
        long place = 0;
        while (connection.Receive(buffer) is > 0 and var count)
        {
            byte[] bytes = buffer[..count];
            int back = change(bytes, place);
            if (back == 0)
                return;
            connection.Send(bytes, back, SocketFlags.None);
            place += count;
        }
    }
}
