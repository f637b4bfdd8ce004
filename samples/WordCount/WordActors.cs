using Qi.Actors;

namespace WordCount;

/// <summary>Counts the words of each batch of lines, and emits the counts. A full output holds the mailbox: backpressure.</summary>
internal sealed class Splitter : AsyncActor<string[], Dictionary<string, int>>
{
    protected override int OutputCapacity => 2;

    protected override async ValueTask ReceiveAsync(string[] message)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string line in message)
            CountWords(line, counts);
        await EmitAsync(counts);
    }

    private static void CountWords(string line, Dictionary<string, int> counts)
    {
        int start = 0;
        while (start < line.Length)
        {
            int end = start;
            while (end < line.Length && char.IsLetter(line[end]))
                end++;
            if (end > start)
            {
                string word = line[start..end].ToLowerInvariant();
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }

            start = end + 1;
        }
    }
}

/// <summary>Adds counts up, and emits the sum when nothing more comes.</summary>
internal sealed class Total : Actor<Dictionary<string, int>, Dictionary<string, int>>
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    protected override void Receive(Dictionary<string, int> message)
    {
        foreach (var (word, count) in message)
            _counts[word] = _counts.GetValueOrDefault(word) + count;
    }

    protected override void OnStopped() => Emit(_counts);
}
