// The exhaustive search. Executions are repeated from the start; the stack holds the choices that had an alternative within the bounds, and
// the next execution takes the next alternative of the deepest one.
//
// The cache. Where an execution comes to a state that was seen before with as much budget left, everything that can follow has been
// explored from there, or will be before the search gets back above that choice: so the rest runs on without branching. What an execution
// adds to the cache counts only when it was accepted, since one in which the collector moved objects is thrown away.
//
// Sleeping. An execution in which the running thread is made to wait before a step, and the others do nothing on which that step depends until
// it goes on, is the same as one in which it waits after that step; and that one costs no more. So a thread that is made to wait sleeps: it
// is not chosen until another one has touched what its step touches. If nobody else can go on, the rest runs on without branching. (Only
// whom a preemption stops may sleep: to take another one's step first would cost preemptions that the bound does not allow.) Who sleeps
// is part of the state in the cache.
//
// Source: M. Musuvathi and S. Qadeer, "Iterative context bounding for systematic testing of multithreaded programs", PLDI 2007, for the bound, and
// their CHESS (OSDI 2008) for the happens-before cache and for fairness towards threads that yield; P. Godefroid, "Partial-order methods for
// the verification of concurrent systems", 1996, for sleep sets.

using System.Numerics;

namespace Qi.Actors.Model.Controller;

/// <summary>What spares the search executions that would find nothing new.</summary>
[Flags]
internal enum Reductions
{
    None = 0,
    Cache = 1,
    Sleep = 2,
    Conflicts = 4,
    All = Cache | Sleep | Conflicts,
}

/// <summary>Depth-first search over the choices, within bounds.</summary>
internal sealed class DepthFirstChooser(Bounds bounds, Reductions reductions) : Chooser
{
    private readonly List<Node> _stack = [];
    private readonly Dictionary<ulong, ulong> _seen = [];
    private readonly List<(ulong State, ulong Budget)> _toAdd = [];
    private int _position;
    private int _preemptions;
    private int _delays;
    private int _prefix;
    private bool _runsOn;

    protected override bool HasDelays => bounds.Delays > 0;

    /// <summary>States in the cache.</summary>
    public int States => _seen.Count;

    /// <summary>Executions that came to a state seen before.</summary>
    public long Pruned { get; private set; }

    /// <summary>Non-null if an execution that began like one before went another way.</summary>
    public string? Divergence { get; private set; }

    /// <summary>The execution counts. False if there is no further one.</summary>
    public bool Advance()
    {
        foreach (var (state, budget) in _toAdd)
            _seen[state] = _seen.GetValueOrDefault(state) | budget;
        if (_runsOn)
            Pruned++;
        while (_stack.Count > 0)
        {
            var last = _stack[^1];
            uint later = last.Allowed & ~((2u << last.Chosen) - 1);
            if (later != 0)
            {
                _stack[^1] = last with { Chosen = BitOperations.TrailingZeroCount(later) };
                _prefix = _stack.Count;
                return true;
            }

            _stack.RemoveAt(_stack.Count - 1);
        }

        return false;
    }

    /// <summary>The execution does not count: the next one is the same again.</summary>
    public void Repeat()
    {
        _stack.RemoveRange(_prefix, _stack.Count - _prefix);
        Divergence = null;
    }

    protected override void OnBegin()
    {
        _position = 0;
        _preemptions = bounds.Preemptions;
        _delays = bounds.Delays;
        _runsOn = false;
        _toAdd.Clear();
    }

    protected override int DecideThread(int number, List<ModelThread> candidates, int free)
    {
        uint allowed = 0;
        int count = _preemptions > 0 ? candidates.Count : free;
        for (int i = 0; i < count; i++)
            allowed |= candidates[i].IsAsleep ? 0 : 1u << i;
        if (allowed == 0)
        {
            OnAllAsleep();
            return 0;
        }

        // Who runs matters to the cost of the choices that follow: the first, whom a preemption would stop, or the last, who yields.
        bool isPreemption = free < candidates.Count && !candidates[^1].IsYielding;
        ulong kind = free == candidates.Count ? 0 : isPreemption ? (ulong)candidates[0].Index + 1 : (ulong)candidates[^1].Index + 0x40;
        int choice = Decide(number, allowed, kind);
        if (choice < free)
            return choice;
        _preemptions--;
        if (isPreemption)
            candidates[0].IsAsleep = reductions.HasFlag(Reductions.Sleep) && candidates[0].Delayed.Count == 0;
        return choice;
    }

    protected override bool DecideDelay(int number, ModelThread thread, bool isFree)
    {
        if (!isFree && _delays == 0)
            return false;
        bool isDelayed = Decide(number, 0b11, (ulong)thread.Index + 0x100) == 1;
        if (isDelayed && !isFree)
            _delays--;
        return isDelayed;
    }

    /// <summary>Nobody can go on but who sleeps: this execution is like another one.</summary>
    public override void OnAllAsleep() => _runsOn |= _position == _stack.Count;

    private int Decide(int number, uint allowed, ulong kind)
    {
        int first = BitOperations.TrailingZeroCount(allowed);
        if (BitOperations.IsPow2(allowed))
            return first;
        if (_position < _stack.Count)
        {
            var node = _stack[_position++];
            bool isSame = node.Number == number && node.Allowed == allowed && node.Kind == kind;
            if (!isSame || (_position == _stack.Count && node.State != StateOf(kind)))
                Divergence ??= $"What led to choice {number} was another time something else: the scenario is not deterministic.";
            return isSame ? node.Chosen : 0;
        }

        if (_runsOn)
            return first;
        ulong state = StateOf(kind);
        if (reductions.HasFlag(Reductions.Cache) && IsSeen(state))
        {
            _runsOn = true;
            return first;
        }

        _stack.Add(new Node(number, allowed, first, kind, state));
        _position++;
        return first;
    }

    // The kind tells who runs, where that matters, and a store that may be delayed.
    private ulong StateOf(ulong kind) => Mixing.Mix(Execution.StateHash(), kind);

    private bool IsSeen(ulong state)
    {
        // A bit for each pair of budgets: what was explored with more covers this.
        ulong covering = 0;
        for (int p = _preemptions; p < 8; p++)
        {
            for (int d = _delays; d < 8; d++)
                covering |= 1UL << ((p * 8) + d);
        }

        if ((_seen.GetValueOrDefault(state) & covering) != 0)
            return true;
        _toAdd.Add((state, 1UL << ((_preemptions * 8) + _delays)));
        return false;
    }

    private readonly record struct Node(int Number, uint Allowed, int Chosen, ulong Kind, ulong State);
}
