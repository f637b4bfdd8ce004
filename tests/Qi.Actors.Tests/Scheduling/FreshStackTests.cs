using Qi.Actors.Scheduling;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>The stack of what was spawned last.</summary>
public sealed class FreshStackTests
{
    [Test]
    public void TryPop_GivesTheNewest_AndTryTakeOldestTheOldest()
    {
        var stack = default(FreshStack);
        var items = Fill(ref stack, FreshStack.Capacity);
        Assert.That(stack.TryTakeOldest(), Is.SameAs(items[0]));
        Assert.That(stack.TryPop(), Is.SameAs(items[^1]));
        Assert.That(stack.Count, Is.EqualTo(FreshStack.Capacity - 2));
    }

    [Test]
    public void Push_AfterTheOldestWereTaken_WrapsRound()
    {
        var stack = default(FreshStack);
        for (int round = 0; round < 100; round++)
        {
            var items = Fill(ref stack, 11);
            for (int i = 0; i < 5; i++)
                Assert.That(stack.TryTakeOldest(), Is.SameAs(items[i]));
            for (int i = 10; i >= 5; i--)
                Assert.That(stack.TryPop(), Is.SameAs(items[i]));
            Assert.That((stack.Count, stack.TryPop(), stack.TryTakeOldest()), Is.EqualTo((0, (RunItem?)null, (RunItem?)null)));
        }
    }

    private static Nothing[] Fill(ref FreshStack stack, int count)
    {
        var items = new Nothing[count];
        for (int i = 0; i < count; i++)
            stack.Push(items[i] = new Nothing());
        return items;
    }

    private sealed class Nothing : RunItem
    {
        internal override void Run(ThreadContext thread)
        {
        }
    }
}
