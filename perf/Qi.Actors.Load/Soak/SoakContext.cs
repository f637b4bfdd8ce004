using System.Collections.Concurrent;

using Qi.Actors.Platform;

namespace Qi.Actors.Load.Soak;

/// <summary>What an episode is given: a system that lives on, something random, accounts, and means to check.</summary>
internal sealed class SoakContext(string name, ActorSystem system, int seed, TimeSpan patience, ReactorChoice reactor = ReactorChoice.Auto)
{
    /// <summary>Systems of an episode's own have this name: so their threads are known, and must be gone after it.</summary>
    public const string OwnSystemName = "qe";

    private const int MostSurprises = 20;

    private static readonly List<WeakReference> s_systems = [];
    private static readonly ConcurrentQueue<string> s_surprises = new();

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(1);

    /// <summary>For the code that sets the episode up, on one thread.</summary>
    public Random Random { get; } = new(seed);

    public ActorSystem System => system;

    public Ledger Ledger { get; } = new(name);

    /// <summary>What nothing in an episode takes unless something is lost.</summary>
    public TimeSpan Patience => patience;

    public Priority RandomPriority() => (Priority)Random.Next(4);

    public void Check(bool holds, string what)
    {
        if (!holds)
            Ledger.Violate(what);
    }

    public ActorSystem NewSystem(TimeProvider? time = null, Action<QiActorsOptions>? configure = null)
    {
        var options = new QiActorsOptions { Name = OwnSystemName, WorkerThreads = Random.Next(1, 4), Reactor = reactor };
        configure?.Invoke(options);
        var own = new ActorSystem(options, time, SoakLog.Instance);
        own.DeadLetters.Observed += Bury;
        lock (s_systems)
            s_systems.Add(new WeakReference(own));
        return own;
    }

    /// <summary>How many of the episodes' own systems are still held by somebody. After a collection, at rest.</summary>
    public static int CountKeptSystems()
    {
        lock (s_systems)
        {
            s_systems.RemoveAll(static system => !system.IsAlive);
            return s_systems.Count;
        }
    }

    /// <summary>Runs a coroutine and waits for its end.</summary>
    public async Task Run(Func<Coroutine> body) => await Within(system.Spawn(body, RandomPriority()).AsTask(), "a coroutine");

    public async Task<T> Run<T>(Func<Coroutine<T>> body) => await Within(system.Spawn(body, RandomPriority()).AsTask(), "a coroutine");

    /// <summary>Awaits what must end; gives the episode up if it does not.</summary>
    public async Task Within(Task task, string what)
    {
        try
        {
            await task.WaitAsync(patience); // It leaves no timer behind, as a race with a delay would.
        }
        catch (TimeoutException e) when (!task.IsCompleted)
        {
            throw new InvalidOperationException($"Waited {patience.TotalSeconds:0} s for {what} in vain.", e);
        }
    }

    public async Task<T> Within<T>(Task<T> task, string what)
    {
        await Within((Task)task, what);
        return await task;
    }

    /// <summary>Waits until something holds; false if it does not come to hold.</summary>
    public async Task<bool> Until(Func<bool> holds)
    {
        for (long end = Environment.TickCount64 + (long)patience.TotalMilliseconds; !holds();)
        {
            if (Environment.TickCount64 > end)
                return false;
            await Task.Delay(s_look);
        }

        return true;
    }

    /// <summary>True if the awaited ends with this exception.</summary>
    public async Task<bool> Throws<TException>(Func<Task> body)
        where TException : Exception
    {
        try
        {
            await Within(body(), $"a {typeof(TException).Name}");
            return false;
        }
        catch (TException)
        {
            return true;
        }
    }

    /// <summary>Waits until every message has its fate, and closes the books.</summary>
    public async Task SettleAsync()
    {
        await Until(() => Ledger.IsBalanced);
        Ledger.Verify();
    }

    /// <summary>The observer of dead letters.</summary>
    public static void Bury(DeadLetter letter)
    {
        if (letter.Message is ISoakMessage message)
            message.Content.Settle(Fate.Dead);
        else if (letter.Message is not IO.ConnectionCommand) // one to a connection that has ended meanwhile
            Report($"a dead letter of no episode: {letter.Message?.GetType().Name} for {letter.Path} ({letter.Reason})");
    }

    /// <summary>Something has happened that no episode knows of. From any thread.</summary>
    public static void Report(string surprise) => s_surprises.Enqueue(surprise);

    /// <summary>What no episode knows of, since the last call: the first of it, for one cause may report a thousand times.</summary>
    public static string[] TakeSurprises()
    {
        var taken = new List<string>();
        while (s_surprises.TryDequeue(out string? surprise))
        {
            if (taken.Count < MostSurprises)
                taken.Add(surprise);
        }

        return [.. taken];
    }
}
