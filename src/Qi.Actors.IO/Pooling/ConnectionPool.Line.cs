using System.Net;

namespace Qi.Actors.IO;

public sealed partial class ConnectionPool
{
    private async Task<Grant> WaitInLineAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using var timer = _time.CreateTimer(
            _ => Leave(waiter, new TimeoutException(
                $"No connection to {waiter.Remote} was free within {_options.WaitTimeout}: {_options.MostConnections} are in use. Raise ConnectionPoolOptions.MostConnections, or give them back earlier."),
                isTimeOut: true),
            null, _options.WaitTimeout, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        await using var registration = cancellationToken.UnsafeRegister(
            _ => Leave(waiter, new OperationCanceledException($"Renting a connection to {waiter.Remote} was cancelled.", cancellationToken), isTimeOut: false), null).ConfigureAwait(false);
        return await waiter.Granted.Task.ConfigureAwait(false);
    }

    // C3.
    private void Leave(Waiter waiter, Exception reason, bool isTimeOut)
    {
        lock (_lock)
        {
            if (waiter.Place.List is null)
                return;
            _line.Remove(waiter.Place);
            _timedOut += isTimeOut ? 1 : 0;
        }

        waiter.Granted.SetException(reason);
    }

    /// <summary>A place, with a connection that may be reused, or one that must be closed first, or none.</summary>
    private readonly record struct Grant(SocketConnection? Kept, SocketConnection? ToClose);

    private sealed class Waiter
    {
        public Waiter(EndPoint remote)
        {
            Remote = remote;
            Place = new LinkedListNode<Waiter>(this);
        }

        public EndPoint Remote { get; }

        public LinkedListNode<Waiter> Place { get; }

        public TaskCompletionSource<Grant> Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
