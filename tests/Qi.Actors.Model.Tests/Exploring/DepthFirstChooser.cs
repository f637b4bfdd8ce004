// The exhaustive search. Executions are repeated from the start; the stack holds the choices that had an alternative within the bounds, and
// the next execution takes the next alternative of the deepest one.
//
// The cache. Where an execution comes to a state that was seen before with as much budget left, everything that can follow has been
// explored from there, or will be before the search gets back above that choice: so the rest runs on without branching. What an execution
// adds to the cache counts only when it was accepted, since one in which the collector moved objects is thrown away.
//
// Source: M. Musuvathi and S. Qadeer, "Iterative context bounding for systematic testing of multithreaded programs", PLDI 2007, for the bound, and
// their CHESS (OSDI 2008) for the happens-before cache and for fairness towards threads that yield.

namespace Qi.Actors.Model.Controller;

/// <summary>Depth-first search over the choices, within bounds.</summary>
internal sealed class DepthFirstChooser(Bounds bounds, bool hasCache) : Chooser
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
            if (last.Chosen + 1 < last.Count)
            {
                _stack[^1] = last with { Chosen = last.Chosen + 1 };
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

    protected override int DecideThread(int number, List<ModelThread> candidates, bool isPreemption)
    {
        if (isPreemption && _preemptions == 0)
            return 0;
        int choice = Decide(number, candidates.Count, isPreemption ? (ulong)candidates[0].Index + 1 : 0);
        if (isPreemption && choice > 0)
            _preemptions--;
        return choice;
    }

    protected override bool DecideDelay(int number, ModelThread thread, bool isFree)
    {
        if (!isFree && _delays == 0)
            return false;
        bool isDelayed = Decide(number, 2, (ulong)thread.Index + 0x100) == 1;
        if (isDelayed && !isFree)
            _delays--;
        return isDelayed;
    }

    private int Decide(int number, int count, ulong kind)
    {
        if (_position < _stack.Count)
        {
            var node = _stack[_position++];
            bool isSame = node.Number == number && node.Count == count && node.Kind == kind;
            if (!isSame || (_position == _stack.Count && node.State != StateOf(kind)))
                Divergence ??= $"What led to choice {number} was another time something else: the scenario is not deterministic.";
            return Math.Min(node.Chosen, count - 1);
        }

        if (_runsOn)
            return 0;
        ulong state = StateOf(kind);
        if (hasCache && IsSeen(state))
        {
            _runsOn = true;
            return 0;
        }

        _stack.Add(new Node(number, count, 0, kind, state));
        _position++;
        return 0;
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

    private readonly record struct Node(int Number, int Count, int Chosen, ulong Kind, ulong State);
}
