using Microsoft.Extensions.Logging;

using Qi.Actors.Platform;

namespace Qi.Actors.Tests.TestKit;

/// <summary>A system under test: its logs are kept, and its end fails the test if an error was logged that nobody expected.</summary>
internal sealed class TestSystem : IAsyncDisposable
{
    /// <summary>The reactor of this run, if one was chosen: the same tests run with more than one.</summary>
    public static readonly ReactorChoice? Reactor
        = Environment.GetEnvironmentVariable("QI_TEST_REACTOR") is { } word ? Enum.Parse<ReactorChoice>(word) : null;

    private int _expectedErrors;

    /// <summary>Starts a system with two dispatchers, or as the options say.</summary>
    public TestSystem(QiActorsOptions? options = null, TimeProvider? timeProvider = null)
    {
        options ??= new QiActorsOptions { WorkerThreads = 2 };
        options.Name = "test";
        if (Reactor is { } reactor && options.ReactorPlan is null)
            options.Reactor = reactor;
        Actors = new ActorSystem(options, timeProvider, Log);
        Actors.DeadLetters.Observed += letter =>
        {
            lock (Letters)
                Letters.Add(letter);
        };
    }

    /// <summary>The system.</summary>
    public ActorSystem Actors { get; }

    /// <summary>What it logged.</summary>
    public LogRecorder Log { get; } = new();

    /// <summary>Its dead letters. Lock it while the system runs.</summary>
    public List<DeadLetter> Letters { get; } = [];

    /// <summary>A system with a single dispatcher that is not handed to another thread, so that the order of turns is fixed.</summary>
    public static TestSystem WithOneDispatcher()
        => new(new QiActorsOptions { WorkerThreads = 1, BlockedTurnThreshold = TimeSpan.FromSeconds(10) });

    /// <summary>The dead letters so far, of one reason or of all.</summary>
    public DeadLetter[] LettersOf(DeadLetterReason? reason = null)
    {
        lock (Letters)
            return [.. Letters.Where(letter => reason is null || letter.Reason == reason)];
    }

    /// <summary>The test provokes this many messages at level Error and above.</summary>
    public void ExpectErrors(int count) => _expectedErrors += count;

    public async ValueTask DisposeAsync()
    {
        await Signal.Within(Actors.StopAsync(StopMode.Now, Signal.Bound), "the end of the system");
        var errors = Log.AtLeast(LogLevel.Error);
        Assert.That(errors, Has.Count.EqualTo(_expectedErrors), string.Join(Environment.NewLine, errors));
    }
}
