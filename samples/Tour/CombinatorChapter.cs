using Qi.Actors;

namespace Tour;

internal static class CombinatorChapter
{
    public static async Task RunAsync()
    {
        await using var system = new ActorSystem();

        // snippet: combinators
        static async Coroutine<int> After(int milliseconds)
        {
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(milliseconds));
            return milliseconds;
        }

        string report = await system.Spawn(async () =>
        {
            int[] all = await Coroutine.All(After(1), After(2), After(3)); // side by side
            int first = await Coroutine.Race(After(5_000), After(1)); // the loser is cancelled
            int mapped = await After(1).Map(number => number * 10).Then(number => After(number));
            int third = await Coroutine.Retry(
                async attempt => attempt < 3 ? throw new IOException("Not yet.") : attempt, attempts: 5);
            try
            {
                await Coroutine.Timeout(After(5_000), TimeSpan.FromMilliseconds(20));
                return "It never comes here.";
            }
            catch (TimeoutException)
            {
                return $"{string.Join(',', all)} {first} {mapped} {third}"; // 1,2,3 1 10 3
            }
        });
        // end snippet
        Check.Equal(report, "1,2,3 1 10 3");
    }
}
