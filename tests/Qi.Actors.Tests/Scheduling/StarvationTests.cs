using Qi.Actors.Platform;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>Whoever is ready gets a turn, whatever floods the dispatcher.</summary>
public sealed class StarvationTests
{
    [Test]
    public async Task Flood_OfHighWork_DoesNotStarveTheItemInTheLifoSlot()
    {
        await using var system = TestSystem.WithOneDispatcher();
        bool hasRun = false;

        async Coroutine Victim() => Atomic.Write(ref hasRun, true);

        async Coroutine<bool> Flood()
        {
            _ = Coroutine.Spawn(Victim());
            for (int i = 0; i < 10_000; i++)
            {
                if (Atomic.Read(ref hasRun))
                    return true;
                await Coroutine.YieldAsync();
            }

            return false;
        }

        Assert.That(await Signal.Within(system.Actors.Spawn(Flood, Priority.High).AsTask()), Is.True);
    }

    [Test]
    public async Task Flood_FromAbove_LeavesEachLaneATurnInNinetySix(
        [Values(Priority.Low, Priority.Normal, Priority.High)] Priority lane)
    {
        const int Turns = 9_600;
        await using var system = TestSystem.WithOneDispatcher();
        int victims = 0;
        bool isOver = false;

        async Coroutine Victim()
        {
            while (!Atomic.Read(ref isOver))
            {
                victims++;
                await Coroutine.YieldAsync();
            }
        }

        async Coroutine Flood()
        {
            _ = Coroutine.Spawn(Victim(), lane);
            for (int i = 0; i < Turns; i++)
                await Coroutine.YieldAsync();
            Atomic.Write(ref isOver, true);
        }

        await Signal.Within(system.Actors.Spawn(Flood, Priority.Critical).AsTask());
        Assert.That(victims, Is.GreaterThanOrEqualTo((Turns / 96) - 2));
    }

    [Test]
    public async Task PingPong_InTheLifoSlot_DoesNotStarveTheRing()
    {
        await using var system = TestSystem.WithOneDispatcher();
        int rallies = 0;
        int ralliesBeforeVictim = -1;
        ActorRef<int>? pong = null;
        var isOver = Signal.NewSource();
        var ping = system.Actors.Spawn<int>(ball =>
        {
            if (++rallies < 10_000)
                pong!.Tell(ball);
            else
                isOver.SetResult();
        });
        pong = system.Actors.Spawn<int>(ball => ping.Tell(ball));

        async Coroutine Victim()
        {
            await Coroutine.YieldAsync(); // from here on it waits in the ring
            ralliesBeforeVictim = rallies;
        }

        async Coroutine Serve()
        {
            _ = Coroutine.Spawn(Victim());
            ping.Tell(1);
        }

        _ = system.Actors.Spawn(Serve);
        await Signal.Within(isOver.Task);
        Assert.That(ralliesBeforeVictim, Is.InRange(0, 200));
    }

    [Test]
    public async Task TreeOfSpawns_OnOneDispatcher_GrowsDepthFirst()
    {
        const int Nodes = 11_111;
        await using var system = TestSystem.WithOneDispatcher();
        int made = 0;
        int ended = 0;
        int alive = 0;

        async Coroutine Node(int leaves)
        {
            if (leaves > 1)
            {
                var children = new JoinHandle[10];
                for (int i = 0; i < children.Length; i++)
                    children[i] = Coroutine.Spawn(Node(leaves / 10));
                made += children.Length;
                alive = Math.Max(alive, made - ended);
                foreach (var child in children)
                    await child;
            }

            ended++;
        }

        await Signal.Within(system.Actors.Spawn(Node(10_000)).AsTask());
        Assert.That(ended, Is.EqualTo(Nodes));
        Assert.That(alive, Is.LessThan(Nodes / 4), "breadth first all but the leaves' parents would be alive with most leaves");
    }

    [Test]
    public async Task PingPong_InTheLifoSlot_DoesNotStarveWorkFromOutside()
    {
        await using var system = TestSystem.WithOneDispatcher();
        bool isOver = false;
        var isPlaying = Signal.NewSource();
        ActorRef<int>? pong = null;
        var ping = system.Actors.Spawn<int>(ball =>
        {
            isPlaying.TrySetResult();
            if (!Atomic.Read(ref isOver))
                pong!.Tell(ball);
        });
        pong = system.Actors.Spawn<int>(ball => ping.Tell(ball));
        ping.Tell(1);
        await Signal.Within(isPlaying.Task);
        await Signal.Within(system.Actors.Spawn(async () => Atomic.Write(ref isOver, true)).AsTask(), "the coroutine from outside");
    }

    [Test]
    public async Task ChainOfSpawns_DoesNotStarveTheItemInTheLifoSlot()
    {
        const int MostLinks = 2_000_000;
        await using var system = TestSystem.WithOneDispatcher();
        var linksBefore = Signal.NewSource<int>();
        int links = 0;
        var told = system.Actors.Spawn<int>(_ => linksBefore.TrySetResult(links));

        async Coroutine Link()
        {
            if (++links < MostLinks && !linksBefore.Task.IsCompleted)
                _ = Coroutine.Spawn(Link()); // there is always one in the fresh stack, and nothing in the ring
        }

        async Coroutine Begin()
        {
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(20)); // a timer's item comes by no ring, and finds all of them empty
            told.Tell(1);
            _ = Coroutine.Spawn(Link());
        }

        await Signal.Within(system.Actors.Spawn(Begin).AsTask());
        Assert.That(await Signal.Within(linksBefore.Task), Is.LessThan(MostLinks / 4));
    }
}
