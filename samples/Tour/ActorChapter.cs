using System.Collections.Immutable;

using Qi.Actors;

namespace Tour;

// snippet: async-actor
public sealed record GetRate(string Currency, ReplyTo<decimal> ReplyTo);

public sealed class Rates(Func<string, Task<decimal>> fetch) : AsyncActor<GetRate>
{
    private readonly Dictionary<string, decimal> _known = [];

    // While this awaits, the next message waits in the mailbox: each rate is fetched once.
    protected override async ValueTask ReceiveAsync(GetRate message)
    {
        if (!_known.TryGetValue(message.Currency, out decimal rate))
            _known[message.Currency] = rate = await fetch(message.Currency);
        message.ReplyTo.Tell(rate);
    }
}
// end snippet

internal static class ActorChapter
{
    public static async Task RunAsync()
    {
        int fetches = 0;
        async Task<decimal> FetchAsync(string currency)
        {
            fetches++;
            await Task.Yield();
            return currency.Length;
        }

        // snippet: system
        await using var system = new ActorSystem();

        var rates = system.Spawn(() => new Rates(FetchAsync), "rates");
        decimal rate = await rates.AskAsync<decimal>(reply => new GetRate("EUR", reply), TimeSpan.FromSeconds(1));

        var printer = system.Spawn<string>(line => Console.WriteLine(line)); // an actor made of a delegate
        printer.Tell($"A euro is {rate}.");
        await printer.StopAsync(); // handles what waits, then stops
        // end snippet
        Check.Equal(rate, 3);

        await rates.AskAsync<decimal>(reply => new GetRate("EUR", reply));
        Check.Equal(fetches, 1);
        Check.That(printer.IsStopped);
    }
}
