using Qi.Actors;

namespace Tour;

internal static class BlockingChapter
{
    public static async Task RunAsync()
    {
        await using var system = new ActorSystem();
        string path = Path.GetTempFileName();

        // snippet: blocking
        long length = await system.RunBlocking(() => // on a thread of its own: no dispatcher waits
        {
            File.WriteAllText(path, "blocking");
            return new FileInfo(path).Length;
        });
        // end snippet
        Check.Equal(length, 8);
        File.Delete(path);
    }
}
