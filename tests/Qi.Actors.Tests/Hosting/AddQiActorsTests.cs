using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Hosting;

public sealed class AddQiActorsTests
{
    [Test]
    public async Task Host_WithOneActor_StartsItAndInjectsItsServices()
    {
        using var host = Build(qi => qi.AddActor<Greeter>("greeter"), services => services.AddSingleton(new Words("hello ")));
        await host.StartAsync();

        var greeter = host.Services.GetRequiredService<ActorSystem>().Get<Greet>("greeter");
        string reply = await greeter.AskAsync<string>(r => new Greet("Qi", r));

        Assert.That(reply, Is.EqualTo("hello Qi"));
        await host.StopAsync();
    }

    [Test]
    public async Task Actor_WithScopedServices_HasAScopeThatEndsWithIt()
    {
        using var host = Build(qi => qi.AddActor<ScopedActor>("scoped"), services => services.AddScoped<Disposable>());
        await host.StartAsync();
        var actor = host.Services.GetRequiredService<ActorSystem>().Get<ReplyTo<Disposable>>("scoped");

        var service = await actor.AskAsync<Disposable>(r => r);
        Assert.That(service.Disposed.Task.IsCompleted, Is.False);
        await actor.StopAsync();

        await Signal.Within(service.Disposed.Task);
        await host.StopAsync();
    }

    [Test]
    public async Task Delegates_AsActors_ReceiveWithTheirServices()
    {
        var heard = new TaskCompletionSource<string>();
        var heardLater = new TaskCompletionSource<string>();
        using var host = Build(
            qi => qi
                .AddActor<string>("now", (provider, text) => heard.TrySetResult(provider.GetRequiredService<Words>().First + text))
                .AddActor<string>("later", async (provider, text) =>
                {
                    await Task.Yield();
                    heardLater.TrySetResult(provider.GetRequiredService<Words>().First + text);
                }),
            services => services.AddSingleton(new Words("ni hao ")));
        await host.StartAsync();
        var system = host.Services.GetRequiredService<ActorSystem>();

        system.Get<string>("now").Tell("Qi");
        system.Get<string>("later").Tell("actors");

        Assert.That(await Signal.Within(heard.Task), Is.EqualTo("ni hao Qi"));
        Assert.That(await Signal.Within(heardLater.Task), Is.EqualTo("ni hao actors"));
        await host.StopAsync();
    }

    [Test]
    public void AddActor_WithANameThatWasAdded_Throws()
    {
        var error = Assert.Throws<ArgumentException>(() => Build(qi => qi.AddActor<Greeter>("greeter").AddActor<Greeter>("greeter")));

        Assert.That(error.Message, Does.Contain("'greeter'"));
    }

    [Test]
    public void AddActor_WithAnInvalidName_Throws()
        => Assert.Throws<ArgumentException>(() => Build(qi => qi.AddActor<Greeter>("a/b")));

    [Test]
    public async Task Configuration_OfTheSection_IsBound()
    {
        using var host = Build(null, null, ("QiActors:WorkerThreads", "3"), ("QiActors:PollInterval", "00:00:00.002"), ("QiActors:Name", "bound"));
        await host.StartAsync();

        var system = host.Services.GetRequiredService<ActorSystem>();

        Assert.Multiple(() =>
        {
            Assert.That(system.Statistics.WorkerThreads, Is.EqualTo(3));
            Assert.That(system.Name, Is.EqualTo("bound"));
            Assert.That(host.Services.GetRequiredService<IOptions<QiActorsOptions>>().Value.PollInterval, Is.EqualTo(TimeSpan.FromMilliseconds(2)));
        });
        await host.StopAsync();
    }

    [Test]
    public async Task Start_WithOptionsOutOfRange_NamesKeyValueAndRange()
    {
        using var host = Build(null, null, ("QiActors:WorkerThreads", "-1"), ("QiActors:QueueCapacity", "2"));

        var error = (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync()))!;

        Assert.That(error.Message, Does.Contain("QiActors:WorkerThreads is -1. Allowed: 0 to 1024."));
        Assert.That(error.Message, Does.Contain("QiActors:QueueCapacity is 2. Allowed: 4 to 1048576."));
    }

    [Test]
    public async Task Start_WithAKeyThatDoesNotExist_NamesIt()
    {
        using var host = Build(null, null, ("QiActors:WorkerThread", "4"));

        var error = await Assert.CatchAsync(() => host.StartAsync());

        Assert.That(error!.ToString(), Does.Contain("WorkerThread"));
    }

    [Test]
    public async Task Start_WithAValueThatIsNoNumber_NamesKeyAndValue()
    {
        using var host = Build(null, null, ("QiActors:WorkerThreads", "many"));

        var error = await Assert.CatchAsync(() => host.StartAsync());

        Assert.That(error!.ToString(), Does.Contain("QiActors:WorkerThreads").And.Contain("many"));
    }

    [Test]
    public async Task Configure_InCode_OverridesConfiguration()
    {
        using var host = Build(qi => qi.Configure(options => options.WorkerThreads = 2), null, ("QiActors:WorkerThreads", "5"));
        await host.StartAsync();

        Assert.That(host.Services.GetRequiredService<ActorSystem>().Statistics.WorkerThreads, Is.EqualTo(2));
        await host.StopAsync();
    }

    [Test]
    public async Task Stop_WithWaitingMessages_DrainsThem()
    {
        int handled = 0;
        using var host = Build(qi => qi.AddActor<int>("sink", (_, _) => Interlocked.Increment(ref handled)));
        await host.StartAsync();
        var sink = host.Services.GetRequiredService<ActorSystem>().Get<int>("sink");

        for (int i = 0; i < 100_000; i++)
            sink.Tell(i);
        await host.StopAsync();

        Assert.That(handled, Is.EqualTo(100_000));
    }

    [Test]
    public async Task AddQiActors_Twice_KeepsOneSystemWithAllActors()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddQiActors(qi => qi.AddActor<int>("first", (_, _) => { }));
        builder.Services.AddQiActors(qi => qi.AddActor<int>("second", (_, _) => { }));
        using var host = builder.Build();
        await host.StartAsync();
        var system = host.Services.GetRequiredService<ActorSystem>();

        Assert.That(system.TryGet<int>("first", out _), Is.True);
        Assert.That(system.TryGet<int>("second", out _), Is.True);
        await host.StopAsync();
    }

    private static IHost Build(
        Action<IQiActorsBuilder>? actors,
        Action<IServiceCollection>? services = null,
        params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        services?.Invoke(builder.Services);
        builder.Services.AddQiActors(actors);
        return builder.Build();
    }

    private sealed record Words(string First);

    private sealed record Greet(string Name, ReplyTo<string> ReplyTo);

    private sealed class Greeter(Words words) : Actor<Greet>
    {
        protected override void Receive(Greet message) => message.ReplyTo.Tell(words.First + message.Name);
    }

    private sealed class Disposable : IDisposable
    {
        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => Disposed.TrySetResult();
    }

    private sealed class ScopedActor(Disposable service) : Actor<ReplyTo<Disposable>>
    {
        protected override void Receive(ReplyTo<Disposable> message) => message.Tell(service);
    }
}
