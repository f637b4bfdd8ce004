using Microsoft.Extensions.Logging;

using Qi.Actors;

namespace Tour;

// snippet: counter
public abstract record CounterMessage;
public sealed record Add(int Amount) : CounterMessage;
public sealed record GetTotal(ReplyTo<int> ReplyTo) : CounterMessage;

public sealed class Counter(ILogger<Counter> logger) : Actor<CounterMessage>
{
    private int _total;

    protected override void Receive(CounterMessage message)
    {
        switch (message)
        {
            case Add add:
                _total += add.Amount;
                logger.LogDebug("The total is {Total}.", _total);
                break;
            case GetTotal get:
                get.ReplyTo.Tell(_total);
                break;
        }
    }
}
// end snippet
