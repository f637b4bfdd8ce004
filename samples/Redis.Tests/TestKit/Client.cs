using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Redis.Tests.TestKit;

/// <summary>A client of its own make, on the framework's sockets.</summary>
internal sealed class Client : IDisposable
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(1);

    private readonly Socket _socket;

    private Client(Socket socket) => _socket = socket;

    public static async Task<Client> ConnectAsync(EndPoint server)
    {
        bool isUnix = server is UnixDomainSocketEndPoint;
        var socket = new Socket(server.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        await socket.ConnectAsync(server);
        return new Client(socket);
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var bound = new CancellationTokenSource(s_bound);
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes, bound.Token)..];
    }

    public Task SayAsync(string line) => SendAsync(Encoding.Latin1.GetBytes(line + "\r\n"));

    /// <summary>Says a line and waits for what must come.</summary>
    public async Task ExpectAsync(string line, string reply)
    {
        await SayAsync(line);
        Assert.That(await ReadAsync(reply.Length), Is.EqualTo(reply));
    }

    /// <summary>Says a line again and again until the reply is as wished.</summary>
    public async Task AskUntilAsync(string line, string reply)
    {
        using var bound = new CancellationTokenSource(s_bound);
        do
        {
            bound.Token.ThrowIfCancellationRequested();
            await SayAsync(line);
        }
        while (await ReadAsync(reply.Length) != reply);
    }

    /// <summary>The next so many characters; fewer at the end.</summary>
    public async Task<string> ReadAsync(int count)
    {
        using var bound = new CancellationTokenSource(s_bound);
        byte[] bytes = new byte[count];
        int read = 0;
        while (read < count && await _socket.ReceiveAsync(bytes.AsMemory(read), bound.Token) is > 0 and var more)
            read += more;
        return Encoding.Latin1.GetString(bytes, 0, read);
    }

    /// <summary>Everything until the server closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        try
        {
            while (await ReadAsync(64 * 1024) is { Length: > 0 } part)
                text.Append(part);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset)
        {
            // Closed with bytes that nobody has read.
        }

        return text.ToString();
    }

    public void Dispose() => _socket.Dispose();
}
