// Who decides at each point of choice: the depth-first search, random priorities, or a list of choices that is replayed.
//
// A choice is named by the step before which it is made, doubled, and one more if it is about a store; and by what was chosen; what is not named is 0: the thread that runs
// goes on, the first of the others if it cannot, a store is not delayed. So a schedule is a short list, "14=1,30=2".

using System.Globalization;

namespace Qi.Actors.Model.Controller;

/// <summary>How far an exploration goes.</summary>
/// <param name="Preemptions">How often a thread that could go on may be made to wait.</param>
/// <param name="Delays">How many stores may be delayed; 0 for none at all.</param>
internal readonly record struct Bounds(int Preemptions, int Delays)
{
    public override string ToString() => $"p{Preemptions}d{Delays}";
}

/// <summary>Decides who goes on.</summary>
internal abstract class Chooser
{
    private readonly List<(int Number, int Choice)> _chosen = [];

    /// <summary>The execution that is to be decided on.</summary>
    protected Execution Execution { get; private set; } = null!;

    /// <summary>False if no store is ever delayed.</summary>
    protected abstract bool HasDelays { get; }

    /// <summary>The choices of this execution that are not 0.</summary>
    public string Schedule => string.Join(',', _chosen.Select(choice => string.Create(CultureInfo.InvariantCulture, $"{choice.Number}={choice.Choice}")));

    public void Begin(Execution execution)
    {
        Execution = execution;
        _chosen.Clear();
        OnBegin();
    }

    /// <summary>Who of several goes on: the first <paramref name="free"/> of them at no cost, each of the others for a preemption.</summary>
    public int ChooseThread(List<ModelThread> candidates, int free) => Noted(Execution.Steps * 2, DecideThread(Execution.Steps * 2, candidates, free));

    /// <summary>Whether the store that a thread is about to execute is delayed; free if others before it are.</summary>
    public bool ChooseDelay(ModelThread thread, bool isFree)
        => HasDelays && Noted((Execution.Steps * 2) + 1, DecideDelay((Execution.Steps * 2) + 1, thread, isFree) ? 1 : 0) == 1;

    /// <summary>The only one who can go on sleeps.</summary>
    public virtual void OnAllAsleep()
    {
    }

    protected virtual void OnBegin()
    {
    }

    protected abstract int DecideThread(int number, List<ModelThread> candidates, int free);

    protected abstract bool DecideDelay(int number, ModelThread thread, bool isFree);

    private int Noted(int number, int choice)
    {
        if (choice != 0)
            _chosen.Add((number, choice));
        return choice;
    }
}

/// <summary>Follows a schedule.</summary>
internal sealed class ReplayChooser(string schedule, bool hasDelays) : Chooser
{
    private readonly Dictionary<int, int> _choices = schedule
        .Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(choice => choice.Split('='))
        .ToDictionary(pair => int.Parse(pair[0], CultureInfo.InvariantCulture), pair => int.Parse(pair[1], CultureInfo.InvariantCulture));

    protected override bool HasDelays => hasDelays;

    protected override int DecideThread(int number, List<ModelThread> candidates, int free)
        => Math.Min(_choices.GetValueOrDefault(number), candidates.Count - 1);

    protected override bool DecideDelay(int number, ModelThread thread, bool isFree) => _choices.GetValueOrDefault(number) == 1;
}
