using FsCheck;

using Qi.Actors.Properties.Tests.Kit;
using Qi.Actors.Scheduling;
using Qi.Actors.Tests.Collections;

namespace Qi.Actors.Properties.Tests.Scheduling;

/// <summary>Taken from at both ends, against a list.</summary>
internal sealed class FreshStackProperties
{
    private static readonly Gen<Step<Stacks>> s_steps = Steps.Of(
        (4, Steps.Just<Stacks>(new Push())),
        (2, Steps.Just<Stacks>(new Pop())),
        (2, Steps.Just<Stacks>(new TakeOldest())));

    [Test]
    public void Items_AtRandom_MatchTheModel() => Programs.Check(static () => new Stacks(), s_steps, runs: 2_000, longest: 150);

    private sealed class Stacks
    {
        private FreshStack _stack;

        public List<RunItem> Model { get; } = [];

        public ref FreshStack Stack => ref _stack;

        public void Verify() => Expect.Equal(_stack.Count, Model.Count);
    }

    private sealed record Push : Step<Stacks>
    {
        public override void Run(Stacks subject)
        {
            if (subject.Model.Count == FreshStack.Capacity)
                return;
            var item = new NumberedItem(subject.Model.Count);
            subject.Stack.Push(item);
            subject.Model.Add(item);
            subject.Verify();
        }
    }

    private sealed record Pop : Step<Stacks>
    {
        public override void Run(Stacks subject)
        {
            Expect.Equal(subject.Stack.TryPop(), subject.Model.LastOrDefault());
            if (subject.Model.Count > 0)
                subject.Model.RemoveAt(subject.Model.Count - 1);
            subject.Verify();
        }
    }

    private sealed record TakeOldest : Step<Stacks>
    {
        public override void Run(Stacks subject)
        {
            Expect.Equal(subject.Stack.TryTakeOldest(), subject.Model.FirstOrDefault());
            if (subject.Model.Count > 0)
                subject.Model.RemoveAt(0);
            subject.Verify();
        }
    }
}
