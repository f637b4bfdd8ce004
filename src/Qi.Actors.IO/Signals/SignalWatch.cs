using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Qi.Actors.IO;

/// <summary>Signals that arrive, one after the other: see <see cref="SystemSignals.Watch"/>.</summary>
/// <remarks>
/// <b>Threads</b>: any; each signal goes to one reader. <b>Order</b>: as they arrive. Up to 64 wait for a reader; what comes then is lost, as the system itself loses
/// signals that come too fast.
/// </remarks>
public sealed class SignalWatch : IAsyncEnumerable<PosixSignal>, IDisposable
{
    private const int MostWaiting = 64;

    private readonly Channel<PosixSignal> _arrived = Channel.CreateBounded<PosixSignal>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SignalRegistrations _registrations;

    internal SignalWatch(ReadOnlySpan<PosixSignal> signals)
        => _registrations = new SignalRegistrations(signal => _arrived.Writer.TryWrite(signal), signals);

    /// <summary>Reads what arrives, until the watch is disposed of or the token cancelled.</summary>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public IAsyncEnumerator<PosixSignal> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => new CoroutineEnumerable<PosixSignal>(token => _arrived.Reader.ReadAllAsync(token).GetAsyncEnumerator(token)).GetAsyncEnumerator(cancellationToken);

    /// <summary>Waits for the next signal.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ObjectDisposedException">The watch was disposed of.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no signal is lost.</exception>
    public ValueTask<PosixSignal> NextAsync(CancellationToken cancellationToken = default)
        => LentTask<PosixSignal>.Of(this, static (watch, token) => watch.TakeAsync(token), cancellationToken);

    /// <summary>Waits no more: enumerations end after what has arrived, and the system answers the signals by itself again unless somebody else waits for them.</summary>
    public void Dispose()
    {
        _registrations.Dispose();
        _arrived.Writer.TryComplete();
    }

    private async ValueTask<PosixSignal> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _arrived.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new ObjectDisposedException("The watch of signals was disposed of: nothing arrives any more.", e);
        }
    }
}

/// <summary>Some registrations, made and disposed of as one.</summary>
internal sealed class SignalRegistrations : IDisposable
{
    private readonly Action<PosixSignal> _arrive;
    private readonly List<PosixSignalRegistration> _registrations = [];

    public SignalRegistrations(Action<PosixSignal> arrive, ReadOnlySpan<PosixSignal> signals)
    {
        if (signals.IsEmpty)
            throw new ArgumentException("There is no signal to wait for. Give at least one.", nameof(signals));
        _arrive = arrive;
        try
        {
            foreach (var signal in signals)
                _registrations.Add(Register(signal));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private PosixSignalRegistration Register(PosixSignal signal)
    {
        try
        {
            return PosixSignalRegistration.Create(signal, OnSignal);
        }
        catch (IOException e)
        {
            throw new IOException($"Signal {signal} cannot be waited for: {e.Message}. Nobody can wait for SIGKILL and SIGSTOP.", e);
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true; // what the system would do by itself
        _arrive(context.Signal);
    }
}
