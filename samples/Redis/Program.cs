// A server that Redis' own clients talk to: strings, expiry, and publishing. Nothing is kept when it ends.

using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors;

using Redis;
using Redis.Server;

if (Settings.TryRead(args, out var settings) is { } refusal)
{
    Console.Error.WriteLine(refusal);
    return 2;
}

if (settings is null)
{
    Console.WriteLine(Settings.Usage);
    return 0;
}

var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

await using var system = new ActorSystem(new QiActorsOptions { Name = "redis", WorkerThreads = settings.Workers }, null, NullLoggerFactory.Instance);
try
{
    using var server = new RedisServer(system, settings.EndPoints);
    Console.WriteLine($"Ready to accept connections at {string.Join(" and ", server.EndPoints)}.");
    await end.Task;
}
catch (Exception e) when (e is IOException or SocketException)
{
    Console.Error.WriteLine($"{e.Message} Choose another place with --port, --bind or --unixsocket.");
    return 1;
}

return 0;

void End(PosixSignalContext context)
{
    context.Cancel = true;
    end.TrySetResult();
}
