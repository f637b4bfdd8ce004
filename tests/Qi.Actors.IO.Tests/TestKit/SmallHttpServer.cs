using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Qi.Actors.IO.Tests.TestKit;

/// <summary>Answers every HTTP request with its own path, over connections of the runtime; each connection is a coroutine.</summary>
internal static class SmallHttpServer
{
    private static readonly byte[] s_end = "\r\n\r\n"u8.ToArray();

    /// <summary>Serves until the listener is closed; by TLS if there is a certificate. How many connections there were.</summary>
    public static async Coroutine<int> ServeAsync(SocketListener listener, X509Certificate2? certificate = null)
    {
        int connections = 0;
        while (true)
        {
            try
            {
                var connection = await listener.AcceptAsync();
                connections++;
                _ = Coroutine.Spawn(certificate is null ? AnswerAsync(connection, connection.AsPipe()) : AnswerByTlsAsync(connection, certificate));
            }
            catch (ObjectDisposedException)
            {
                return connections;
            }
        }
    }

    private static async Coroutine AnswerByTlsAsync(SocketConnection connection, X509Certificate2 certificate)
    {
        await using var tls = new SslStream(connection.AsStream());
        await tls.AuthenticateAsServerAsync(certificate);
        await AnswerAsync(connection, new TlsPipe(PipeReader.Create(tls), PipeWriter.Create(tls)));
    }

    private static async Coroutine AnswerAsync(SocketConnection connection, IDuplexPipe pipe)
    {
        await using var _ = connection;
        while (true)
        {
            var read = await pipe.Input.ReadAsync();
            var bytes = read.Buffer;
            while (TryTakeRequest(ref bytes, out string? path))
                await pipe.Output.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {path!.Length}\r\n\r\n{path}"));
            pipe.Input.AdvanceTo(bytes.Start, bytes.End);
            if (read.IsCompleted)
                return;
        }
    }

    private static bool TryTakeRequest(ref ReadOnlySequence<byte> bytes, out string? path)
    {
        path = null;
        string text = Encoding.ASCII.GetString(bytes);
        int end = text.IndexOf(Encoding.ASCII.GetString(s_end), StringComparison.Ordinal);
        if (end < 0)
            return false;
        path = text.Split(' ')[1];
        bytes = bytes.Slice(end + s_end.Length);
        return true;
    }

    private sealed record TlsPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
