using Qi.Actors.Testing;

namespace Qi.Actors.Load.Simulated;

/// <summary>A little of everything, in which many things are runnable at once: what the order of turns is judged by.</summary>
internal static class Traffic
{
    private const int Actors = 8;
    private const int Askers = 8;
    private const int Rounds = 4;

    public static async Task RunAsync(SimulationContext sim)
    {
        var actors = new ActorRef<ReplyTo<int>>[Actors];
        for (int i = 0; i < Actors; i++)
        {
            int number = i;
            actors[i] = i % 2 == 0
                ? sim.System.Spawn<ReplyTo<int>>(reply => reply.Tell(number))
                : sim.System.Spawn<ReplyTo<int>>(async reply =>
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(number), sim.Time);
                    reply.Tell(number);
                });
        }

        var askers = new JoinHandle<int>[Askers];
        for (int i = 0; i < Askers; i++)
        {
            int number = i;
            askers[i] = sim.System.Spawn(() => AskAllAsync(actors, number));
        }

        int sum = 0;
        foreach (var asker in askers)
            sum += await asker;
        SimulationContext.Check(sum == Askers * Rounds * Actors * (Actors - 1) / 2, $"The answers add up to {sum}.");
    }

    private static async Coroutine<int> AskAllAsync(ActorRef<ReplyTo<int>>[] actors, int first)
    {
        int sum = 0;
        for (int i = 0; i < Rounds * Actors; i++)
        {
            sum += await actors[(first + i) % Actors].AskAsync<int>(static reply => reply);
            if (i % Actors == 0)
                await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(first));
        }

        return sum;
    }
}
