namespace Qi.Actors.Model.Controller;

/// <summary>Threads, what they share, and what must hold. One object for each execution.</summary>
internal abstract class Scenario
{
    /// <summary>How it has ended, in a few words: what may differ from one interleaving to another.</summary>
    public virtual string Outcome => "";

    /// <summary>Makes what the threads share and names the threads, always in the same order. Its atomic operations are no steps.</summary>
    public abstract void SetUp(Execution execution);

    /// <summary>After each step: throws if an invariant is broken. Its operations are no steps.</summary>
    public virtual void CheckStep()
    {
    }

    /// <summary>
    /// True for operations that are not to be interleaved here, since they belong to another protocol, which has scenarios of its own: they go
    /// together with the step before them, and their stores are not delayed. Asked once for each place.
    /// </summary>
    /// <param name="file">The file's name.</param>
    /// <param name="kind">What is done.</param>
    public virtual bool IsQuiet(string file, StepKind kind) => false;

    /// <summary>When all threads have ended, or wait where they may: throws if the outcome is wrong.</summary>
    public virtual void CheckEnd()
    {
    }
}

/// <summary>Checks for scenarios.</summary>
internal static class Must
{
    /// <summary>Fails the execution unless the condition holds.</summary>
    public static void Hold(bool condition, string otherwise)
    {
        if (!condition)
            throw new ModelFailureException(otherwise);
    }
}

/// <summary>Items that must each be taken once.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<object, int> _taken = [];

    /// <summary>An item was put somewhere.</summary>
    public T Put<T>(T item)
        where T : notnull
    {
        _taken.Add(item, 0);
        return item;
    }

    /// <summary>An item has got an owner.</summary>
    public void Take(object item)
    {
        Must.Hold(_taken.TryGetValue(item, out int times), $"{item} was taken, and nobody has put it there.");
        Must.Hold(times == 0, $"{item} has two owners.");
        _taken[item] = 1;
    }

    /// <summary>Every item has had its owner.</summary>
    public void CheckAllTaken()
    {
        var lost = _taken.Where(pair => pair.Value == 0).Select(pair => pair.Key.ToString()).ToList();
        Must.Hold(lost.Count == 0, $"Lost: {string.Join(", ", lost)}.");
    }
}
