using Qi.Actors.Scheduling;

namespace Qi.Actors.Tests.Collections;

/// <summary>A run item that only has a number.</summary>
internal sealed class NumberedItem : RunItem
{
    internal NumberedItem(int number, Priority lane = Priority.Normal)
    {
        Number = number;
        SetLane(lane);
    }

    internal int Number { get; }

    public override string ToString() => $"{Number} ({Lane})";

    internal override void Run(ThreadContext thread) => throw new NotSupportedException("Only queued, never run.");
}
