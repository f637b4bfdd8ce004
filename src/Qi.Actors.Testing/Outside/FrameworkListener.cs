// How a turn learns that its code has set a timer or given work to the pool: the framework says so in its event source, to listeners, on the
// thread that does it, before it is done. Every pool thread of the process pays for an enabled source, so the listener lives only while
// simulations run; since they come by the thousand, one after the other, it stays for a while after the last.
//
//   TimerQueueTimer.Change     ThreadTransferSend(hash code of the timer, 1, ...), under the lock of the timer's queue
//   ThreadPoolWorkQueue        ThreadPoolEnqueueWork(hash code of the work), before the work is in a queue
//
// The pool looks only now and then whether somebody listens, and keeps the answer; so the answer is refreshed by hand. That the events come at all
// (an application may be built without event sources) is tried out once for each listener.

using System.Diagnostics.Tracing;
using System.Globalization;
using System.Reflection;

namespace Qi.Actors.Testing.Outside;

/// <summary>Hears of timers and pool work, for the watch whose turn runs on the same thread.</summary>
internal sealed class FrameworkListener : EventListener
{
    private const string SourceName = "System.Diagnostics.Eventing.FrameworkEventSource";
    private const EventKeywords PoolAndTransfers = (EventKeywords)0x12;
    private const int EnqueueWorkId = 30;
    private const int TransferSendId = 150;
    private const int TimerKind = 1;
    private const int LingerMs = 2_000;

    private static readonly Lock s_lock = new();
    private static readonly Timer s_linger = NewLinger();
    private static FrameworkListener? s_listener;
    private static int s_users;

    [ThreadStatic]
    private static bool t_isTrial;

    [ThreadStatic]
    private static bool t_trialSucceeded;

    private bool _hears;

    /// <summary>Begins to listen, or joins. False if the process has no such events.</summary>
    public static bool Acquire()
    {
        lock (s_lock)
        {
            s_users++;
            if (s_listener is null)
            {
                s_listener = new FrameworkListener();
                s_listener.TryOut();
                RefreshPool();
            }

            return s_listener._hears;
        }
    }

    /// <summary>The counterpart of <see cref="Acquire"/>. The last one lets the listener linger.</summary>
    public static void Release()
    {
        lock (s_lock)
        {
            if (--s_users == 0)
                s_linger.Change(LingerMs, Timeout.Infinite);
        }
    }

    /// <summary>Ends listening now if no simulation runs. True if it has ended.</summary>
    public static bool EndLinger()
    {
        lock (s_lock)
        {
            if (s_users > 0)
                return false;

            s_listener?.Dispose();
            s_listener = null;
            return true;
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name is SourceName)
            EnableEvents(eventSource, EventLevel.Verbose, PoolAndTransfers);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        var watch = OutsideWatch.OfTurn;
        if (watch is null && !t_isTrial)
            return;

        var payload = eventData.Payload!;
        if (eventData.EventId == TransferSendId && Number(payload[1]) == TimerKind)
        {
            t_trialSucceeded = true;
            watch?.OnTimerSet((int)Number(payload[0]));
        }
        else if (eventData.EventId == EnqueueWorkId)
        {
            watch?.OnPoolWork((int)Number(payload[0]));
        }
    }

    private static long Number(object? value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);

    // Not to keep the execution context of whoever comes first.
    private static Timer NewLinger()
    {
        var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        using (flow)
            return new Timer(static _ => EndLinger(), null, Timeout.Infinite, Timeout.Infinite);
    }

    private static void RefreshPool()
    {
        var queue = typeof(ThreadPool).GetField("s_workQueue", BindingFlags.Static | BindingFlags.NonPublic)?.GetValue(null);
        queue?.GetType().GetMethod("RefreshLoggingEnabled")?.Invoke(queue, null);
    }

    private void TryOut()
    {
        t_isTrial = true;
        t_trialSucceeded = false;
        try
        {
            using var trial = new Timer(static _ => { }, null, LingerMs, Timeout.Infinite);
        }
        finally
        {
            t_isTrial = false;
        }

        _hears = t_trialSucceeded;
    }
}
