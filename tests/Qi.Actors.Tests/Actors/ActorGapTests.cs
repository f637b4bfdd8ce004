using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Mailboxes;
using Qi.Actors.Tests.Mailboxes;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

/// <summary>What happens while a sender stands between its exchange and its link: the test is that sender.</summary>
internal sealed class ActorGapTests
{
    [TestCase(StopMode.Drain)]
    [TestCase(StopMode.Now)]
    public async Task Stop_WhileAPokeIsLinkedLate_StillEnds(StopMode mode)
    {
        for (int round = 0; round < 200; round++)
        {
            await using var busy = await BusyActor.Create(new ActorOptions());
            var poke = new ValueNode<int> { Context = new object() };
            var previous = Interlocked.Exchange(ref TailOf(busy.Actor), poke)!;
            var stopped = busy.Actor.StopAsync(mode);
            busy.Gate.Set();
            Thread.SpinWait(round * 50);

            Volatile.Write(ref previous.Next, poke);

            await Signal.Within(stopped, $"the end in round {round}");
            Assert.That(busy.Seen, Is.EqualTo(new[] { 0 }));
        }
    }

    [TestCase(StopMode.Drain)]
    [TestCase(StopMode.Now)]
    public async Task Stop_WhileAMessageIsLinkedLate_CountsItBeforeTheEnd(StopMode mode)
    {
        for (int round = 0; round < 200; round++)
        {
            await using var busy = await BusyActor.Create(new ActorOptions());
            var message = new ValueNode<int> { Value = 1 };
            var previous = Interlocked.Exchange(ref TailOf(busy.Actor), message)!;
            busy.Actor.Tell(2);
            var stopped = busy.Actor.StopAsync(mode);
            busy.Gate.Set();
            Thread.SpinWait(round * 50);

            Volatile.Write(ref previous.Next, message);

            await Signal.Within(stopped, $"the end in round {round}");
            var expected = mode == StopMode.Drain ? new[] { 0, 1, 2 } : [0];
            Assert.That(busy.Seen, Is.EqualTo(expected));
            Assert.That(busy.System.LettersOf(), Has.Length.EqualTo(3 - expected.Length));
        }
    }

    [TestCase(null)]
    [TestCase(StopMode.Drain)]
    [TestCase(StopMode.Now)]
    public async Task Start_WhileTheFirstMessageIsLinkedLate_WaitsForIt(StopMode? mode)
    {
        for (int round = 0; round < 200; round++)
        {
            await using var system = new TestSystem();
            using var gate = new ManualResetEventSlim();
            var seen = new List<int>();
            var handled = Signal.NewSource();
            var entered = Signal.NewSource();
            var actor = system.Actors.Spawn<int>(() => new SlowStarter(gate, entered, seen, handled));
            await Signal.Within(entered.Task, "the started hook");
            var message = new ValueNode<int> { Value = 1 };
            var mark = Interlocked.Exchange(ref TailOf(actor), message);
            actor.Tell(2);
            var stopped = mode is { } asked ? actor.StopAsync(asked) : null;
            gate.Set();
            Thread.SpinWait(round * 50);

            Volatile.Write(ref Head(ref MailboxOf((ActorCell<int>)actor)), message);

            await Signal.Within(stopped ?? handled.Task, $"the messages in round {round}");
            Assert.That(mark!.Next, Is.Null, "Nobody links to the shared mark.");
            Assert.That(seen, Is.EqualTo(mode == StopMode.Now ? Array.Empty<int>() : [1, 2]));
            Assert.That(system.LettersOf(), Has.Length.EqualTo(mode == StopMode.Now ? 2 : 0));
        }
    }

    private static ref MessageNode? TailOf(ActorRef<int> actor) => ref Tail(ref MailboxOf((ActorCell<int>)actor));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "Mailbox")]
    private static extern ref Mailbox MailboxOf(ActorCell<int> cell);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_tail")]
    private static extern ref MessageNode? Tail(ref Mailbox mailbox);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_head")]
    private static extern ref MessageNode? Head(ref Mailbox mailbox);

    private sealed class SlowStarter(ManualResetEventSlim gate, TaskCompletionSource entered, List<int> seen, TaskCompletionSource handled) : Actor<int>
    {
        protected override void OnStarted()
        {
            entered.SetResult();
            Signal.Block(gate);
        }

        protected override void Receive(int message)
        {
            seen.Add(message);
            if (seen.Count == 2)
                handled.SetResult();
        }
    }
}
