// Stand in for what blocks a thread or spins. A wait with a time-out ends without success only when nobody else can go on: then the
// model's clock moves.

using System.Runtime.CompilerServices;

using Qi.Actors.Model.Controller;

namespace System.Threading
{
    /// <summary>A spin is a yield.</summary>
    public struct SpinWait
    {
        public void SpinOnce([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Steps.Pause(new Site(StepKind.Pause, file, line));
    }

    /// <summary>A semaphore under control.</summary>
    public sealed class SemaphoreSlim(int initialCount) : IDisposable
    {
        private readonly Permits _permits = new(initialCount, isCounted: true);

        public void Release(int count = 1, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
            => _permits.Give(count, new Site(StepKind.Signal, file, line));

        public void Wait([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => _permits.Take(-1, new Site(StepKind.Wait, file, line));

        public bool Wait(TimeSpan timeout, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
            => _permits.Take((long)timeout.TotalNanoseconds, new Site(StepKind.Wait, file, line));

        public void Dispose()
        {
        }
    }

    /// <summary>Permits that a thread waits for. To give and to take them are full fences.</summary>
    internal sealed class Permits(int count, bool isCounted) : IGate
    {
        private readonly nuint _key = Keys.Next();
        private int _count = count;
        private ulong _id;
        private ulong _last;
        private bool _isTimedOut;

        public long DeadlineNs { get; private set; } = -1;

        public int Count => _count;

        /// <summary>What else ends a wait, without taking a permit.</summary>
        public Func<bool>? Also { get; set; }

        public bool IsOpen(ModelThread thread) => _count > 0 || _isTimedOut || Also is { } also && also();

        public void TimeOut() => _isTimedOut = true;

        /// <summary>For scenarios: gives one.</summary>
        public void Give([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Give(1, new Site(StepKind.Signal, file, line));

        /// <summary>For scenarios: waits for one.</summary>
        public void Take([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Take(-1, new Site(StepKind.Wait, file, line));

        /// <summary>For scenarios: waits for one until a time has passed, which it does when nobody can go on.</summary>
        public bool TakeWithin(TimeSpan time, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
            => Take((long)time.TotalNanoseconds, new Site(StepKind.Wait, file, line));

        public void Give(int count, Site site)
        {
            if (ModelThread.Current is { } thread)
            {
                thread.Execution.Arrive(thread, site, _key);
                Note(thread, site);
            }

            _count = isCounted ? _count + count : 1;
        }

        /// <summary>A step that others who wait here depend on.</summary>
        public void Touch(Site site)
        {
            if (ModelThread.Current is not { } thread)
                return;
            thread.Execution.Arrive(thread, site, _key);
            Note(thread, site);
        }

        public bool Take(long timeoutNs, Site site)
        {
            if (ModelThread.Current is not { } thread)
                throw new InvalidOperationException($"A thread that is not under control waits at {site}.");
            _isTimedOut = timeoutNs == 0;
            DeadlineNs = timeoutNs < 0 ? -1 : thread.Execution.NowNs + timeoutNs;
            thread.Execution.Wait(thread, site, this, _key);
            DeadlineNs = -1;
            if (thread.IsAbandoned)
                throw new ExecutionOverException();
            Note(thread, site);
            if (_count == 0)
                return false;
            _count--;
            return true;
        }

        private void Note(ModelThread thread, Site site)
        {
            if (thread.IsAbandoned)
                return;
            thread.Execution.DrainOf(thread);
            if (_id == 0)
                _id = Mixing.Mix((ulong)(thread.Index + 2) << 32, (ulong)thread.Operations | 1);
            thread.Execution.NoteStep(thread, site, _id, Mixing.Mix(_last, (ulong)_count));
            _last = thread.Hash;
        }
    }
}

namespace Qi.Actors.Platform
{
    /// <summary>A parker under control.</summary>
    public sealed class ThreadParker : IDisposable
    {
        private readonly Permits _permits = new(0, isCounted: false);

        public bool Park(long timeoutNs, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
            => _permits.Take(timeoutNs, new Site(StepKind.Park, file, line));

        public void Unpark([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
            => _permits.Give(1, new Site(StepKind.Unpark, file, line));

        /// <summary>For scenarios: the reactor in which the owner may wait has an event, which wakes it.</summary>
        public void NoteEvent([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => _permits.Touch(new Site(StepKind.Signal, file, line));

        public bool ParkIn(Reactor reactor, long timeoutNs, int mostEvents, out int events, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        {
            _permits.Also = () => reactor.HasEvents;
            bool isUnparked = _permits.Take(timeoutNs, new Site(StepKind.Park, file, line));
            _permits.Also = null;
            events = reactor.Wait(0, mostEvents);
            return isUnparked;
        }

        public void Dispose() => _permits.Give(1, default);
    }

    /// <summary>A clock that moves when nobody else can go on, or when the scenario says so.</summary>
    public static class Clock
    {
        public const long NsPerSecond = 1_000_000_000;
        public const long NsPerMs = 1_000_000;

        public static long NowNs() => Execution.Current?.NowNs ?? 0;

        public static long CoarseNowMs() => NowNs() / NsPerMs;

        public static long TimeSpanToNs(TimeSpan span) => (long)span.TotalNanoseconds;

        public static TimeSpan NsToTimeSpan(long ns) => new(ns / TimeSpan.NanosecondsPerTick);
    }
}

namespace Qi.Actors.Scheduling
{
    /// <summary>A thread of the runtime's own, under control: it may be left waiting at the end.</summary>
    internal sealed class RuntimeThread(Action main, string name, int stackSizeBytes)
    {
        private readonly int _stackSizeBytes = stackSizeBytes;
        private readonly Permits _end = new(0, isCounted: false);
        private ModelThread? _thread;
        private bool _isStarted;

        public bool IsCurrent => _thread == ModelThread.Any;

        public int StackSizeBytes => _stackSizeBytes;

        public void Start()
        {
            if (Execution.Current is not { } execution || (name.EndsWith("-monitor", StringComparison.Ordinal) && !execution.HasMonitor))
                return;
            _isStarted = true;
            execution.Thread(
                name,
                () =>
                {
                    _thread = ModelThread.Any;
                    main();
                    _end.Give();
                },
                mayBlock: true);
        }

        public void Join()
        {
            if (_isStarted)
                _end.Take();
        }
    }
}

namespace Qi.Actors.Platform
{
    /// <summary>Nobody knows what the thread does.</summary>
    public sealed class ThreadProbe
    {
        public static ThreadProbe OfCurrentThread() => new();

        public bool? IsRunnable() => null;
    }
}
