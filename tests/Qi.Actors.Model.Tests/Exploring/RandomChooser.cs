// Random priorities: every thread has one, the highest of those that can go on goes on, and at a few random steps the one that runs falls
// behind all others. A bug that needs d such orderings is found with a probability of at least 1 in n times k to the (d - 1).
//
// Source: S. Burckhardt et al., "A randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010 (PCT).

using Qi.Actors.Platform;

namespace Qi.Actors.Model.Controller;

/// <summary>Chooses by random priorities.</summary>
internal sealed class RandomChooser(ulong seed, int changes, int stepsExpected, bool hasDelays) : Chooser
{
    private const uint DelayOneIn = 8;
    private const uint GoOnOneIn = 16;

    private readonly List<int> _changeAt = [];
    private readonly Dictionary<int, int> _priorities = [];
    private Rng _rng;
    private int _lowest;

    protected override bool HasDelays => hasDelays;

    protected override void OnBegin()
    {
        _rng = new Rng(seed);
        _priorities.Clear();
        _changeAt.Clear();
        _lowest = 0;
        for (int i = 0; i < changes; i++)
            _changeAt.Add((int)_rng.Below((uint)Math.Max(1, stepsExpected)));
    }

    protected override int DecideThread(int number, List<ModelThread> candidates, int free)
    {
        if (_changeAt.Remove(Execution.Steps))
            _priorities[candidates[0].Index] = --_lowest;
        bool isPreemption = free < candidates.Count && !candidates[^1].IsYielding;
        if (!isPreemption && free < candidates.Count && _rng.Below(GoOnOneIn) == 0)
            return free; // in spite of a pause
        int best = 0;
        int count = isPreemption ? candidates.Count : free;
        for (int i = 1; i < count; i++)
        {
            if (PriorityOf(candidates[i]) > PriorityOf(candidates[best]))
                best = i;
        }

        return best;
    }

    protected override bool DecideDelay(int number, ModelThread thread, bool isFree) => _rng.Below(isFree ? 2 : DelayOneIn) == 0;

    private int PriorityOf(ModelThread thread)
    {
        if (!_priorities.TryGetValue(thread.Index, out int priority))
            _priorities[thread.Index] = priority = 1 + (int)_rng.Below(1 << 20);
        return priority;
    }
}
