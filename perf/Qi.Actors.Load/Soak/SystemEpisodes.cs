using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using Qi.Actors.Load.Stress;

namespace Qi.Actors.Load.Soak;

/// <summary>Episodes in systems of their own.</summary>
internal static class SystemEpisodes
{
    private const long StressMessages = 200_000;

    public static async Task StopAmidTraffic(SoakContext context)
    {
        var random = context.Random;
        var system = context.NewSystem();
        var actors = Enumerable.Range(0, random.Next(1, 5)).Select(_ => system.Spawn<SoakMessage>(message => message.Settle(Fate.Handled))).ToArray();
        int count = random.Next(100, 2_000);
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var senders = Enumerable.Range(0, 3).Select(edge => Task.Run(() =>
        {
            for (int number = 1; number <= count; number++)
            {
                actors[number % actors.Length].Tell(context.Ledger.NewMessage(edge, number));
                if (number == count / 2)
                    sent.TrySetResult();
            }
        })).ToArray();
        var sleepers = Enumerable.Range(0, 20).Select(_ => system.Spawn(static async Coroutine () => await Coroutine.DelayAsync(TimeSpan.FromDays(1)))).ToArray();
        await context.Within(sent.Task, "half of the messages");
        var mode = random.Next(2) == 0 ? StopMode.Drain : StopMode.Now;
        var report = await context.Within(system.StopAsync(mode, context.Patience), "the end of a system");
        await context.Within(Task.WhenAll(senders), "senders to a system that ends");
        context.Check(report is { IsComplete: true, ActorsLeft: 0, CoroutinesLeft: 0, MessagesLeft: 0 }, $"a stop left something: {report}");
        context.Check(sleepers.All(static sleeper => sleeper.State == CoroutineState.Cancelled), "a coroutine outlived its system");
        context.Check(system.Statistics is { Actors: 0, ActiveTasks: 0 }, $"after a stop: {system.Statistics}");
        await system.DisposeAsync();

        await using var runtime = new QiRuntime(new QiActorsOptions { Name = SoakContext.OwnSystemName, WorkerThreads = 1 });
        context.Check(runtime.BlockOn(Seven) == 7 && await context.Within(runtime.Spawn(Seven).AsTask(), "a coroutine") == 7, "a runtime gave another result");
        context.Check(QiRuntime.Run(Seven, new QiActorsOptions { Name = SoakContext.OwnSystemName, WorkerThreads = 1 }) == 7, "Run gave another result");
        await runtime.ShutdownAsync(StopMode.Now);
    }

    public static async Task VirtualTime(SoakContext context)
    {
        var time = new SteppedTime();
        await using var system = context.NewSystem(time);
        int steps = context.Random.Next(2, 20);
        var minute = TimeSpan.FromMinutes(1);
        int delayed = 0;
        var delay = system.Spawn(async Coroutine () =>
        {
            for (int i = 0; i < steps; i++)
            {
                await Coroutine.DelayAsync(minute);
                Interlocked.Increment(ref delayed);
            }
        });
        var sink = system.Spawn<SoakMessage>(static message => message.Settle(Fate.Handled));
        for (int step = 1; step <= steps; step++)
            system.Schedule(sink, context.Ledger.NewMessage(0, step), minute * step);
        for (int step = 1; step <= steps; step++)
        {
            // The clock stands still until the coroutine has set its next timer.
            int timers = 1 + steps - step + 1;
            int wanted = step;
            context.Check(await context.Until(() => system.Statistics.TimersWaiting == timers), $"{system.Statistics.TimersWaiting} timers, not {timers}");
            context.Check(Volatile.Read(ref delayed) == step - 1 && context.Ledger.Handled == step - 1, $"something came before minute {step}");
            time.Advance(minute);
            context.Check(await context.Until(() => Volatile.Read(ref delayed) == wanted), $"a delay is missing at minute {step}");
            context.Check(await context.Until(() => context.Ledger.Handled == wanted), $"a scheduled message is missing at minute {step}");
        }

        var silent = system.Spawn<ReplyTo<int>>(static _ => { });
        var ask = silent.AskAsync<int>(static replyTo => replyTo, minute).AsTask();
        context.Check(await context.Throws<AskTimeoutException>(() => NudgeUntil(context, time, ask)), "an ask did not time out");
        await context.Within(delay.AsTask(), "a coroutine on virtual time");
    }

    public static async Task Host(SoakContext context)
    {
        using var host = new HostBuilder()
            .ConfigureLogging(static logging => logging.ClearProviders())
            .ConfigureServices(services => services
                .AddSingleton(context.Ledger)
                .AddQiActors(qi => qi
                    .Configure(static options => (options.Name, options.WorkerThreads) = (SoakContext.OwnSystemName, 1))
                    .AddActor<Hosted>("hosted")))
            .Build();
        await context.Within(host.StartAsync(), "the start of a host");
        var system = host.Services.GetRequiredService<ActorSystem>();
        system.DeadLetters.Observed += SoakContext.Bury;
        var actor = system.Get<SoakMessage>("hosted");
        for (int i = 0; i < 100; i++)
            actor.Tell(context.Ledger.NewMessage());
        await context.Within(host.StopAsync(), "the stop of a host");
        context.Check(context.Ledger.Handled == 100, $"100 sent, {context.Ledger.Handled} handled by a hosted actor");
    }

    public static async Task StressShapes(SoakContext context)
    {
        var episode = new Episode(0, StressMessages, [], context.Random.Next(), context.Patience, SoakContext.OwnSystemName);
        await Task.Factory.StartNew(() => episode.Run(static (_, _) => { }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        foreach (string violation in episode.Violations)
            context.Ledger.Violate(violation);
    }

    // An ask takes its deadline a moment after it was made, from the clock of that moment.
    private static async Task NudgeUntil(SoakContext context, SteppedTime time, Task ask)
    {
        await context.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return ask.IsCompleted;
        });
        await ask;
    }

    private static async Coroutine<int> Seven()
    {
        await Coroutine.YieldAsync();
        return 7;
    }

    private sealed class Hosted(Ledger ledger) : Actor<SoakMessage>
    {
        private readonly Sink _sink = new(ledger, 1);

        protected override void Receive(SoakMessage message) => _sink.Handle(message);
    }
}
