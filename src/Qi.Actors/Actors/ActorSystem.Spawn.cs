using Qi.Actors.Coroutines;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors;

public sealed partial class ActorSystem
{
    /// <summary>Spawns an actor.</summary>
    /// <param name="factory">Makes the actor; called once, on the caller's thread.</param>
    /// <param name="name">Its name; null for none. It is free again when the actor has stopped.</param>
    /// <param name="options">Its priority and mailbox; null for the defaults.</param>
    /// <exception cref="ArgumentException">The name is not a valid one.</exception>
    /// <exception cref="DuplicateActorNameException">An actor with this name lives.</exception>
    /// <exception cref="InvalidOperationException">The factory returned null, or an actor that is spawned already.</exception>
    /// <exception cref="ObjectDisposedException">The system is stopping.</exception>
    public ActorRef<TMessage> Spawn<TMessage>(Func<ActorBase<TMessage>> factory, string? name = null, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ThrowIfStopping();
        if (name is not null)
            ActorPath.ValidateName(name);
        return Start(factory() ?? throw FactoryReturnedNull(), name, options ?? ActorOptions.Default);
    }

    /// <summary>Spawns an actor whose factory gets what it needs as an argument: a static lambda, so that no closure is allocated.</summary>
    /// <inheritdoc cref="Spawn{TMessage}(Func{ActorBase{TMessage}}, string, ActorOptions)"/>
    /// <param name="factory">Makes the actor; called once, on the caller's thread.</param>
    /// <param name="state">What the factory is called with.</param>
    /// <param name="name">Its name; null for none. It is free again when the actor has stopped.</param>
    /// <param name="options">Its priority and mailbox; null for the defaults.</param>
    public ActorRef<TMessage> Spawn<TMessage, TState>(Func<TState, ActorBase<TMessage>> factory, TState state, string? name = null, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ThrowIfStopping();
        if (name is not null)
            ActorPath.ValidateName(name);
        return Start(factory(state) ?? throw FactoryReturnedNull(), name, options ?? ActorOptions.Default);
    }

    /// <summary>Spawns an actor with an output.</summary>
    /// <inheritdoc cref="Spawn{TMessage}(Func{ActorBase{TMessage}}, string, ActorOptions)"/>
    public ActorRef<TMessage, TOutput> Spawn<TMessage, TOutput>(Func<Actor<TMessage, TOutput>> factory, string? name = null, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return StartWithOutput<TMessage, TOutput>(factory, name, options);
    }

    /// <summary>Spawns an asynchronous actor with an output.</summary>
    /// <inheritdoc cref="Spawn{TMessage}(Func{ActorBase{TMessage}}, string, ActorOptions)"/>
    public ActorRef<TMessage, TOutput> Spawn<TMessage, TOutput>(Func<AsyncActor<TMessage, TOutput>> factory, string? name = null, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return StartWithOutput<TMessage, TOutput>(factory, name, options);
    }

    /// <summary>Spawns an actor made of one delegate.</summary>
    /// <inheritdoc cref="Spawn{TMessage}(Func{ActorBase{TMessage}}, string, ActorOptions)"/>
    /// <param name="receive">Handles a message.</param>
    /// <param name="name">Its name; null for none.</param>
    /// <param name="options">Its priority and mailbox; null for the defaults.</param>
    public ActorRef<TMessage> Spawn<TMessage>(Action<TMessage> receive, string? name = null, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(receive);
        return Spawn<TMessage>(() => new DelegateActor<TMessage>(receive), name, options);
    }

    /// <summary>Spawns an actor made of one asynchronous delegate.</summary>
    /// <inheritdoc cref="Spawn{TMessage}(Action{TMessage}, string, ActorOptions)"/>
    public ActorRef<TMessage> Spawn<TMessage>(Func<TMessage, ValueTask> receive, string? name = null, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(receive);
        return Spawn<TMessage>(() => new AsyncDelegateActor<TMessage>(receive), name, options);
    }

    /// <summary>Spawns an actor made of one delegate whose results are its output.</summary>
    /// <inheritdoc cref="Spawn{TMessage}(Action{TMessage}, string, ActorOptions)"/>
    /// <param name="transform">Handles a message; what it returns is emitted.</param>
    /// <param name="name">Its name; null for none.</param>
    /// <param name="options">Its priority and mailbox; null for the defaults.</param>
    public ActorRef<TMessage, TOutput> SpawnTransform<TMessage, TOutput>(Func<TMessage, TOutput> transform, string? name = null, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(transform);
        return StartWithOutput<TMessage, TOutput>(() => new TransformActor<TMessage, TOutput>(transform), name, options);
    }

    /// <summary>Spawns a coroutine.</summary>
    /// <param name="body">The coroutine method; called once, on the caller's thread. What it awaits runs on the dispatchers.</param>
    /// <param name="priority">Its lane.</param>
    /// <exception cref="ArgumentOutOfRangeException">The priority is none of the four.</exception>
    /// <exception cref="ObjectDisposedException">The system is stopping.</exception>
    public JoinHandle Spawn(Func<Coroutine> body, Priority priority = Priority.Normal)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Spawn(body(), priority);
    }

    /// <inheritdoc cref="Spawn(Func{Coroutine}, Priority)"/>
    public JoinHandle<T> Spawn<T>(Func<Coroutine<T>> body, Priority priority = Priority.Normal)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Spawn(body(), priority);
    }

    /// <summary>Spawns a coroutine that was created by calling its method.</summary>
    /// <param name="coroutine">Neither awaited nor spawned before.</param>
    /// <param name="priority">Its lane.</param>
    /// <exception cref="InvalidOperationException">It was awaited or spawned before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The priority is none of the four.</exception>
    /// <exception cref="ObjectDisposedException">The system is stopping.</exception>
    public JoinHandle Spawn(Coroutine coroutine, Priority priority = Priority.Normal)
    {
        var box = coroutine.Claim();
        box.Spawn(Coroutines, PriorityCheck.Require(priority, nameof(priority)));
        return new JoinHandle(box);
    }

    /// <inheritdoc cref="Spawn(Coroutine, Priority)"/>
    public JoinHandle<T> Spawn<T>(Coroutine<T> coroutine, Priority priority = Priority.Normal)
    {
        var box = coroutine.Claim();
        box.Spawn(Coroutines, PriorityCheck.Require(priority, nameof(priority)));
        return new JoinHandle<T>(box);
    }

    /// <summary>Spawns a coroutine and blocks the calling thread until it has ended.</summary>
    /// <exception cref="InvalidOperationException">Called on one of this system's dispatchers, which it would block.</exception>
    public void BlockOn(Func<Coroutine> body)
    {
        ThrowIfOnDispatcher();
        Spawn(body).GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="BlockOn(Func{Coroutine})"/>
    public T BlockOn<T>(Func<Coroutine<T>> body)
    {
        ThrowIfOnDispatcher();
        return Spawn(body).GetAwaiter().GetResult();
    }

    internal ActorRef<TMessage> Start<TMessage>(ActorBase<TMessage> actor, string? name, ActorOptions options)
    {
        ThrowIfStopping();
        if (actor.IsAttached)
            throw new InvalidOperationException($"This {actor.GetType().Name} is spawned already. A factory must make a new actor at each call.");
        var thread = ThreadContext.Instance;
        var cell = actor.CreateCell(options.KindIn(this), name);
        actor.Attach(cell);
        cell.Prime();
        if (name is not null && !_names.TryAdd(name, cell))
            throw new DuplicateActorNameException(ActorPath.ForUser(name));
        if (thread.Dispatcher?.Pool == Pool)
        {
            cell.Slot = _live.Add(cell, thread.LiveOwner);
            thread.Counters.ActorsSpawned++;
        }
        else
        {
            cell.Slot = _live.Add(cell, null);
            Atomic.Add(ref _actorsSpawnedOutside, 1);
        }

        // Pairs with the fence after Close: either this sees that the system has begun to stop, or the stop sees the cell.
        if (Coroutines.IsClosed)
        {
            cell.RequestStop(StopMode.Now); // Whoever has found it by its name is refused.
            Forget(cell, name, thread);
            cell.Abandon();
            ThrowIfStopping();
        }

        cell.Start(thread);
        if (IsDebug)
            ActorLog.Spawned(Logger, cell.Path);
        return cell;
    }

    private ActorRef<TMessage, TOutput> StartWithOutput<TMessage, TOutput>(Func<ActorBase<TMessage>> factory, string? name, ActorOptions? options)
    {
        IOutputActor<TMessage, TOutput>? made = null;
        var input = Spawn(
            () =>
            {
                var actor = factory();
                made = (IOutputActor<TMessage, TOutput>)actor;
                return actor;
            },
            name,
            options);
        return new ActorRef<TMessage, TOutput>(input, made!.Port);
    }

    private static InvalidOperationException FactoryReturnedNull() => new("The actor factory returned null. It must return a new actor.");

    private void ThrowIfOnDispatcher()
    {
        if (ThreadContext.Existing?.Dispatcher?.Pool == Pool)
            throw new InvalidOperationException("BlockOn was called on a dispatcher of this system, which it would block. Await the JoinHandle of Spawn instead.");
    }

    private void ThrowIfStopping()
    {
        if (Coroutines.IsClosed)
            throw new ObjectDisposedException(Name, "The system is stopping and takes no new actors. Spawn before it is disposed.");
    }
}
