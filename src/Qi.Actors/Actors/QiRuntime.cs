namespace Qi.Actors;

/// <summary>The runtime without a host, in the words of the Qi specification: create, spawn, join, cancel, block on, shut down.</summary>
/// <remarks>A thin face of <see cref="ActorSystem"/>, which <see cref="Actors"/> gives. <b>Threads</b>: any.</remarks>
public sealed class QiRuntime : IAsyncDisposable
{
    /// <summary>Creates and starts a runtime.</summary>
    /// <inheritdoc cref="ActorSystem(QiActorsOptions, TimeProvider, Microsoft.Extensions.Logging.ILoggerFactory)"/>
    public QiRuntime(
        QiActorsOptions? options = null,
        TimeProvider? timeProvider = null,
        Microsoft.Extensions.Logging.ILoggerFactory? loggerFactory = null)
        => Actors = new ActorSystem(options, timeProvider, loggerFactory);

    /// <summary>The actor system behind it.</summary>
    public ActorSystem Actors { get; }

    /// <summary>Active, queued and completed tasks, worker threads and more.</summary>
    public RuntimeStatistics Statistics => Actors.Statistics;

    /// <inheritdoc cref="ActorSystem.Spawn(Func{Coroutine}, Priority)"/>
    public JoinHandle Spawn(Func<Coroutine> body, Priority priority = Priority.Normal) => Actors.Spawn(body, priority);

    /// <inheritdoc cref="ActorSystem.Spawn(Func{Coroutine}, Priority)"/>
    public JoinHandle<T> Spawn<T>(Func<Coroutine<T>> body, Priority priority = Priority.Normal) => Actors.Spawn(body, priority);

    /// <inheritdoc cref="ActorSystem.BlockOn(Func{Coroutine})"/>
    public void BlockOn(Func<Coroutine> body) => Actors.BlockOn(body);

    /// <inheritdoc cref="ActorSystem.BlockOn(Func{Coroutine})"/>
    public T BlockOn<T>(Func<Coroutine<T>> body) => Actors.BlockOn(body);

    /// <summary>Creates a runtime, runs a coroutine on it to its end, and shuts it down.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static void Run(Func<Coroutine> body, QiActorsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        Run(
            async () =>
            {
                await body();
                return true;
            },
            options);
    }

    /// <summary>Creates a runtime, runs a coroutine on it to its end, and shuts it down.</summary>
    /// <returns>The coroutine's result.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static T Run<T>(Func<Coroutine<T>> body, QiActorsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        var runtime = new QiRuntime(options);
        try
        {
            return runtime.BlockOn(body);
        }
        finally
        {
            runtime.ShutdownAsync().GetAwaiter().GetResult();
        }
    }

    /// <summary>Stops actors and coroutines and ends the threads.</summary>
    /// <inheritdoc cref="ActorSystem.StopAsync(StopMode, TimeSpan?, CancellationToken)"/>
    public Task<StopReport> ShutdownAsync(StopMode mode = StopMode.Drain, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
        => Actors.StopAsync(mode, timeout, cancellationToken);

    /// <summary>Shuts down with a drain, within the shutdown timeout.</summary>
    public ValueTask DisposeAsync() => Actors.DisposeAsync();
}
