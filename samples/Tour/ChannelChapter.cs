using System.Threading.Channels;

using Qi.Actors;

namespace Tour;

internal static class ChannelChapter
{
    public static async Task RunAsync()
    {
        await using var system = new ActorSystem();

        // snippet: channels
        var upper = system.SpawnTransform<string, string>(word => word.ToUpperInvariant());
        ChannelWriter<string> writer = upper.Input.AsChannelWriter();
        ChannelReader<string> reader = upper.AsChannelReader();

        await writer.WriteAsync("hello");
        await writer.WriteAsync("world");
        writer.Complete(); // the actor stops when it has handled both

        var words = new List<string>();
        await foreach (string word in reader.ReadAllAsync())
            words.Add(word); // HELLO, WORLD
        // end snippet
        Check.Equal(string.Join(' ', words), "HELLO WORLD");
    }
}
