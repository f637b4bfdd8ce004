using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

internal sealed class ActorSpawnRaceTests
{
    [Test]
    [Category("Stress")]
    public async Task Tell_ByNameWhileTheActorIsSpawned_IsHandledOnceAndAlone()
    {
        const int Rounds = 5_000;
        await using var system = new TestSystem();
        int overlaps = 0;
        int handled = 0;
        int round = -1;
        var teller = Task.Run(() =>
        {
            int told = 0;
            for (int seen = 0; seen < Rounds; seen++)
            {
                ActorRef<int>? actor;
                while (!system.Actors.TryGet($"n{seen}", out actor))
                {
                    if (Volatile.Read(ref round) > seen)
                        break;
                }

                for (int i = 0; i < 3 && actor is not null; i++)
                    told += actor.Tell(i) == TellStatus.Accepted ? 1 : 0;
            }

            return told;
        });

        for (int i = 0; i < Rounds; i++)
        {
            int inside = 0;
            system.Actors.Spawn<int>(
                _ =>
                {
                    if (Interlocked.Increment(ref inside) != 1)
                        Interlocked.Increment(ref overlaps);
                    Interlocked.Increment(ref handled);
                    Interlocked.Decrement(ref inside);
                },
                $"n{i}");
            Volatile.Write(ref round, i);
        }

        int told = await Signal.Within(teller);
        await Signal.Within(system.Actors.StopAsync(StopMode.Drain, Signal.Bound));

        Assert.That((handled, overlaps), Is.EqualTo((told, 0)));
    }
}
