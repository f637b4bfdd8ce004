// An echo server over TCP, UDP and a Unix socket. Without arguments it calls itself and checks the answers.

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using Echo;

using Qi.Actors;
using Qi.Actors.IO;

const string Usage = """
    Echo [--port N --path FILE]

    With a port and a path: sends back what comes over TCP and UDP at the port of this machine's loopback address, and over the Unix socket
    of that path, until it is told to end. Port 0 takes any. Try it: nc 127.0.0.1 N, nc -u 127.0.0.1 N, nc -U FILE.
    Without: does so at places of its own, calls itself there, and checks what comes back.

    Exit code: 0 if all is right, 1 if not, 2 if the arguments are wrong.
    """;

bool isCheck = args.Length == 0;
int port = 0;
string path = Path.Combine(Path.GetTempPath(), $"qi-echo-{Environment.ProcessId}");
if (args is ["--port", var number, "--path", { Length: > 0 } given] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort)
{
    path = given;
}
else if (!isCheck)
{
    bool isHelp = args is ["--help" or "-h" or "-?"];
    (isHelp ? Console.Out : Console.Error).WriteLine(Usage);
    return isHelp ? 0 : 2;
}

await using var system = new ActorSystem();
try
{
    using var tcp = SocketListener.Bind(system, new IPEndPoint(IPAddress.Loopback, port));
    using var unix = SocketListener.Bind(system, new UnixDomainSocketEndPoint(path));
    using var udp = DatagramSocket.Bind(system, (IPEndPoint)tcp.LocalEndPoint);

    _ = system.Spawn(Echoes.ServeAsync(system, tcp));
    _ = system.Spawn(Echoes.ServeAsync(system, unix));
    _ = system.Spawn(Echoes.ServeAsync(udp));

    if (isCheck)
        return await system.Spawn(Callers.CheckAsync(system, tcp.LocalEndPoint, unix.LocalEndPoint, (IPEndPoint)udp.LocalEndPoint)) ? 0 : 1;
    Console.WriteLine($"Listening on {udp.LocalEndPoint} over TCP and UDP, and at {unix.LocalEndPoint}. Press Ctrl-C to end.");
    await EndAsync();
    return 0;
}
catch (Exception e) when (e is IOException or SocketException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static async Task EndAsync()
{
    var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    void End(PosixSignalContext context)
    {
        context.Cancel = true;
        end.TrySetResult();
    }

    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
    await end.Task;
}
