// Who goes on (E1 to E3).

namespace Qi.Actors.Model.Controller;

internal sealed partial class Execution
{
    private const int StubbornPauses = 8;

    private readonly List<ModelThread> _candidates = [];

    // Who goes on: by the chooser's choice among those who can. Null if nobody can.
    private ModelThread? Pick(ModelThread? current)
    {
        if (current is { IsYielding: false, IsDone: false } && IsStepBoring(current))
            return current;
        CollectCandidates(current, isYieldingToo: false);
        if (_candidates.Count == 0 && DrainAll())
            CollectCandidates(current, isYieldingToo: true);
        if (_candidates.Count == 0)
            CollectCandidates(current, isYieldingToo: true);
        while (_candidates.Count == 0)
        {
            if (!MoveClock())
                return null;
            CollectCandidates(current, isYieldingToo: true);
        }

        if (current is { IsYielding: true } && current.CanGo && _candidates[0] != current && current.Pending.Kind == StepKind.Pause)
            return PickOrGoOn(current);
        if (_candidates.Count == 1)
        {
            if (_candidates[0].IsAsleep)
                chooser.OnAllAsleep();
            return _candidates[0];
        }

        bool isPreemption = _candidates[0] == current && !current!.IsYielding;
        return _candidates[chooser.ChooseThread(_candidates, isPreemption ? 1 : _candidates.Count)];
    }

    // A thread yields, and others can go on: one of them does, or it goes on all the same.
    private ModelThread PickOrGoOn(ModelThread current)
    {
        int others = _candidates.Count;
        _candidates.Add(current);
        var next = _candidates[chooser.ChooseThread(_candidates, others)];
        if (next == current)
            current.StubbornPauses = StubbornPauses;
        return next;
    }

    // A step has touched something: whoever was passed over before a step that depends on it matters again.
    private void Touch(ModelThread? thread, nuint key, bool isRead)
    {
        foreach (var other in _threads)
        {
            if (other == thread || (key == other.PendingKey && key != 0 && !(isRead && other.Pending.Kind == StepKind.Read)))
                other.IsAsleep = false;
        }
    }

    private void TouchAll()
    {
        foreach (var thread in _threads)
            thread.IsAsleep = false;
    }

    // The current thread first, then the others by their numbers.
    private void CollectCandidates(ModelThread? current, bool isYieldingToo)
    {
        _candidates.Clear();
        if (current is not null && current.CanGo && (isYieldingToo || !current.IsYielding))
            _candidates.Add(current);
        foreach (var thread in _threads)
        {
            if (thread != current && thread.CanGo && (isYieldingToo || !thread.IsYielding))
                _candidates.Add(thread);
        }
    }

    // To the earliest deadline, which may be that of several.
    private bool MoveClock()
    {
        long first = long.MaxValue;
        foreach (var thread in _threads)
        {
            if (!thread.IsDone && thread.Gate is { DeadlineNs: >= 0 } gate)
                first = Math.Min(first, gate.DeadlineNs);
        }

        if (first == long.MaxValue)
            return false;
        NowNs = Math.Max(NowNs, first);
        foreach (var thread in _threads)
        {
            if (!thread.IsDone && thread.Gate is { DeadlineNs: >= 0 } gate && gate.DeadlineNs <= NowNs)
                gate.TimeOut();
        }

        return true;
    }
}
