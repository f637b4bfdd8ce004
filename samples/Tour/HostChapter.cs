using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Qi.Actors;

namespace Tour;

internal static class HostChapter
{
    public static async Task RunAsync()
    {
        // snippet: host
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddQiActors(qi => qi.AddActor<Counter>("counter"));
        using var host = builder.Build();
        await host.StartAsync();

        var system = host.Services.GetRequiredService<ActorSystem>();
        ActorRef<CounterMessage> counter = system.Get<CounterMessage>("counter");
        // end snippet

        // snippet: tell-ask
        counter.Tell(new Add(3)); // never blocks
        counter.Tell(new Add(4));
        int total = await counter.AskAsync<int>(reply => new GetTotal(reply)); // within 5 seconds, or AskTimeoutException
        // end snippet
        Check.Equal(total, 7);

        await host.StopAsync();
        Check.That(counter.IsStopped);
    }
}
