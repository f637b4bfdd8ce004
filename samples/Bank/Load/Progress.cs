using Qi.Actors;

namespace Bank.Load;

internal abstract record ProgressMessage;

internal sealed record Made(int Transfers) : ProgressMessage;

internal sealed record GetMade(ReplyTo<long> ReplyTo) : ProgressMessage;

/// <summary>Counts what the clients have done.</summary>
internal sealed class Progress : Actor<ProgressMessage>
{
    private long _made;

    protected override void Receive(ProgressMessage message)
    {
        switch (message)
        {
            case Made made:
                _made += made.Transfers;
                break;
            case GetMade get:
                get.ReplyTo.Tell(_made);
                break;
        }
    }
}

/// <summary>Shows progress: as one line that changes on a terminal, as a line each second elsewhere.</summary>
internal static class ProgressDisplay
{
    public static async Task ShowUntilAsync(Task end, ActorRef<ProgressMessage> progress, long total)
    {
        bool isTerminal = !Console.IsOutputRedirected;
        var interval = TimeSpan.FromSeconds(isTerminal ? 0.1 : 1);
        while (await Task.WhenAny(end, Task.Delay(interval)) != end)
        {
            long made = await progress.AskAsync<long>(reply => new GetMade(reply));
            string line = $"{made,15:N0} of {total:N0} ({100 * made / total} %)";
            if (isTerminal)
                Console.Write($"\r{line}");
            else
                Console.WriteLine(line);
        }

        if (isTerminal)
            Console.Write($"\r{new string(' ', 60)}\r");
    }
}
