// Operations that are no steps of their own in a scenario, and time that passes because the scenario says so.

namespace Qi.Actors.Model.Controller;

internal sealed partial class Execution
{
    private readonly Dictionary<(string File, StepKind Kind), bool> _quiet = new(ByReference.Instance);
    private Type? _quietFor;

    /// <summary>Time passes, as a step of the calling thread; in a check, just so. Whoever waits for no longer than that may go on.</summary>
    public void Pass(TimeSpan time)
    {
        var thread = ModelThread.Current;
        if (thread is not null)
        {
            Arrive(thread, new Site(StepKind.Clock, "", 0));
            if (thread.IsAbandoned)
                return;
        }

        NowNs += (long)time.TotalNanoseconds;
        foreach (var other in _threads)
        {
            if (!other.IsDone && other.Gate is { DeadlineNs: >= 0 } gate && gate.DeadlineNs <= NowNs)
                gate.TimeOut();
        }

        TouchAll();
        if (thread is not null)
            NoteStep(thread, new Site(StepKind.Clock, "", 0), (ulong)NowNs, 0);
    }

    // What belongs to the step before says nothing of what it touches: whoever sleeps may depend on it, and have such an operation of its own.
    private bool TryPassQuietly(ModelThread thread, Site site)
    {
        if (!IsQuiet(site))
            return false;
        TouchAll();
        Recorder?.Step(thread, site);
        Recorder?.Detail("quiet");
        return true;
    }

    // A lock's call does not say where it is, unless it is recorded: it is never quiet.
    private bool IsQuiet(Site site)
    {
        if (site.Kind is StepKind.Lock or StepKind.Unlock)
            return false;
        if (_quietFor != _scenario.GetType())
        {
            _quiet.Clear();
            _quietFor = _scenario.GetType();
        }

        if (!_quiet.TryGetValue((site.File, site.Kind), out bool isQuiet))
            _quiet[(site.File, site.Kind)] = isQuiet = _scenario.IsQuiet(Path.GetFileName(site.File), site.Kind);
        return isQuiet;
    }

    // A caller's file is one and the same string at each of its calls.
    private sealed class ByReference : IEqualityComparer<(string File, StepKind Kind)>
    {
        public static readonly ByReference Instance = new();

        public bool Equals((string File, StepKind Kind) x, (string File, StepKind Kind) y) => ReferenceEquals(x.File, y.File) && x.Kind == y.Kind;

        public int GetHashCode((string File, StepKind Kind) key)
            => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key.File) + ((int)key.Kind * 7919);
    }
}
