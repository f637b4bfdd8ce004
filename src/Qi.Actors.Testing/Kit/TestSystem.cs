// A world that a test drives by hand, on its own thread. Nothing runs but inside of a call here or on a probe, so between two calls the test looks
// at a system that stands still, and a wait costs no real time.
//
// The world is bound to the thread that made it, for a thread's caches and its lease belong to the system that it runs. A test that comes to be on
// another thread, because it has awaited something, is told so.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using Qi.Actors.Platform;
using Qi.Actors.Testing.World;

namespace Qi.Actors.Testing;

/// <summary>An actor system for a test: it runs on the test's thread, in virtual time, and only while the test calls one of its methods.</summary>
/// <remarks>
/// <code>
/// using var test = new TestSystem();
/// var probe = test.CreateProbe&lt;string&gt;();
/// var greeter = test.System.Spawn&lt;string&gt;(name => probe.Ref.Tell($"Hello, {name}"));
/// greeter.Tell("Ada");
/// probe.Expect("Hello, Ada");
/// </code>
/// <para>
/// It works in every test framework and depends on none: what fails throws. A test never waits in real time and never depends on it, so it is
/// either right or wrong, each time. <b>Threads</b>: the one that made it; a thread has one at a time. Asynchronous code of the test's own goes into
/// <see cref="Run(Func{Task})"/>; a test method that awaits anything but this kit's own tasks goes on another thread, which is refused. Never block on a
/// task: give it to <see cref="Wait(Task, TimeSpan?)"/>. <b>Units</b>: all times are virtual. <b>Order</b>: the seed decides.
/// </para>
/// </remarks>
public sealed class TestSystem : IDisposable
{
    private const ulong UsualSeed = 1;

    [ThreadStatic]
    private static TestSystem? t_current;

    private readonly SimulatedWorld _world;
    private readonly SimulationOptions _options;
    private bool _isAbandoned;
    private readonly string _origin;
    private bool _isDisposed;

    /// <summary>Makes a system that the calling thread runs.</summary>
    /// <param name="options">Its seed, faults and limits; null for the defaults.</param>
    /// <param name="madeBy">Filled in by the compiler: whom to name if it is not disposed.</param>
    /// <param name="madeIn">Filled in by the compiler.</param>
    /// <exception cref="InvalidOperationException">The thread has one already, or is one that runs a system.</exception>
    /// <exception cref="ArgumentException">An option of the system is out of its range.</exception>
    public TestSystem(TestSystemOptions? options = null, [CallerMemberName] string madeBy = "", [CallerFilePath] string madeIn = "")
    {
        _origin = $"{madeBy} ({Path.GetFileName(madeIn)})";
        if (t_current is { } earlier)
        {
            if (!Atomic.Read(ref earlier._isAbandoned))
            {
                Atomic.Write(ref earlier._isAbandoned, true); // one test fails for it, and not all that follow
                throw new InvalidOperationException($"This thread has a TestSystem that was not disposed: the one that {earlier._origin} made. Declare it with using there, and make one at a time.");
            }

            earlier.End();
        }

        options ??= TestSystemOptions.Default;
        _options = options.Simulation;
        _world = new SimulatedWorld(options.Seed ?? SeedVariable.Read() ?? UsualSeed, _options);
        Context = new SimulationContext(_world);
        t_current = this;
        _world.HoldContext(() => Atomic.Write(ref _isAbandoned, true));
    }

    /// <summary>The system: spawn actors and coroutines in it.</summary>
    public ActorSystem System => _world.System;

    /// <summary>The virtual clock: give it to code that takes a <see cref="TimeProvider"/>.</summary>
    public TimeProvider Time => _world.Time;

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Now => Context.Now;

    /// <summary>The seed.</summary>
    public ulong Seed => _world.Seed;

    /// <summary>What was logged.</summary>
    public LogRecorder Logs => _world.Logs;

    /// <summary>The messages that nobody handled.</summary>
    public DeadLetterRecorder DeadLetters => _world.DeadLetters;

    /// <summary>Expects or mutes log messages while something is done.</summary>
    public EventFilters EventFilter => _world.EventFilter;

    /// <summary>The same world as the body of <see cref="Simulation.Run"/> sees it: for faults, random numbers, and helpers that both share.</summary>
    public SimulationContext Context { get; }

    /// <summary>Makes an actor of the test, to be sent messages by the code under test.</summary>
    /// <param name="name">Its name; null for <c>probe-1</c> and so on.</param>
    /// <typeparam name="T">The type of its messages; <c>object</c> for any.</typeparam>
    /// <exception cref="ArgumentException">The name is not a valid one.</exception>
    /// <exception cref="DuplicateActorNameException">An actor with this name lives.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread.</exception>
    public TestProbe<T> CreateProbe<T>(string? name = null) => Context.CreateProbe<T>(name);

    /// <summary>Lets virtual time pass: whatever is due on the way is done, at its time, and what is due at the end too.</summary>
    /// <param name="by">How much. At least zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below zero.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread, or inside of the simulation.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        Call(() => _world.UntilAsync(static () => false, _world.LimitOf(by)), nameof(Advance), "Await SimulationContext.DelayAsync there");
    }

    /// <summary>Runs all that is runnable, until only timers wait. No time passes.</summary>
    /// <exception cref="SimulationObstacleException">The system does not come to rest.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread, or inside of the simulation.</exception>
    public void RunUntilIdle() => Call(_world.UntilIdleAsync, nameof(RunUntilIdle), "Await SimulationContext.UntilIdleAsync there");

    /// <summary>Runs an asynchronous piece of the test inside of the simulation, to its end.</summary>
    /// <param name="body">It runs as a turn, and may await whatever the simulation controls. What it throws is thrown.</param>
    /// <exception cref="SimulationObstacleException">It waits for something that never comes, or that the simulation does not control.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread, or inside of the simulation.</exception>
    public void Run(Func<Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Call(body, nameof(Run), "Call the method there");
    }

    /// <inheritdoc cref="Run(Func{Task})"/>
    /// <returns>What the body returned.</returns>
    public T Run<T>(Func<Task<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Call(body, nameof(Run), "Call the method there");
    }

    /// <summary>Runs the simulation until a task has ended. What it failed with is thrown.</summary>
    /// <param name="task">Something that the system brings to an end, such as an actor's completion.</param>
    /// <param name="within">How long to wait for it; null for as long as anything can still happen.</param>
    /// <exception cref="ExpectationException">The time is up.</exception>
    /// <exception cref="SimulationObstacleException">Without a time: nothing is runnable, no timer is set, and it has not ended.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread, or inside of the simulation.</exception>
    public void Wait(Task task, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        Call(
            async () =>
            {
                if (within is not null)
                    await RequireEndAsync(task, _world.LimitOf(within));
                await task;
            },
            nameof(Wait),
            "Await the task there",
            "The task");
    }

    /// <inheritdoc cref="Wait(Task, TimeSpan?)"/>
    public T Wait<T>(Task<T> task, TimeSpan? within = null)
    {
        Wait((Task)task, within);
        return task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Wait(Task, TimeSpan?)"/>
    public void Wait(ValueTask task, TimeSpan? within = null) => Wait(task.AsTask(), within);

    /// <inheritdoc cref="Wait(Task, TimeSpan?)"/>
    /// <returns>The task's result.</returns>
    public T Wait<T>(ValueTask<T> task, TimeSpan? within = null) => Wait(task.AsTask(), within);

    /// <summary>Asks an actor and runs the simulation until it has replied.</summary>
    /// <param name="actor">Any actor of this system.</param>
    /// <param name="question">Makes the message from the address for the reply: <c>(ReplyTo&lt;int&gt; reply) => new GetBalance(reply)</c>.</param>
    /// <param name="within">How long it may take; null for <see cref="SimulationOptions.ExpectWithin"/>. More than zero.</param>
    /// <returns>The reply.</returns>
    /// <exception cref="AskTimeoutException">No reply in time.</exception>
    /// <exception cref="AskRefusedException">The actor has stopped or its mailbox is full.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread, or inside of the simulation.</exception>
    public TReply Ask<TMessage, TReply>(ActorRef<TMessage> actor, Func<ReplyTo<TReply>, TMessage> question, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(actor);
        return Call(() => actor.AskAsync(question, within ?? _options.ExpectWithin).AsTask(), nameof(Ask), "Await AskAsync there");
    }

    /// <summary>Expects an actor to stop, well or by a failure.</summary>
    /// <inheritdoc cref="TestProbe{T}.ExpectStoppedAsync"/>
    public Exception? ExpectStopped<TMessage>(ActorRef<TMessage> actor, TimeSpan? within = null)
        => Call(() => Context.ExpectStoppedAsync(actor, within), nameof(ExpectStopped));

    /// <summary>Stops the system after a drain, within <see cref="SimulationOptions.StopTimeout"/> of virtual time. A second call does nothing.</summary>
    /// <exception cref="ExpectationException">Actors or coroutines have not come to an end. It is not thrown while the test is failing by another exception already.</exception>
    /// <exception cref="InvalidOperationException">Called on another thread, or inside of the simulation.</exception>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        if (!_world.IsOwnThread)
        {
            Atomic.Write(ref _isAbandoned, true); // its own thread ends it when it makes the next one
            if (!IsFailing)
                throw _world.WrongThread();
            return;
        }

        _world.RequireOutside(nameof(Dispose), "Let the test dispose it");
        bool isFailing = IsFailing;
        try
        {
            if (!_world.IsBroken)
                Stop(isFailing);
        }
        catch (SimulationObstacleException) when (isFailing)
        {
            // The failure that is on its way says more than its consequence.
        }
        finally
        {
            End();
        }
    }

    // An exception leaves the test through the using declaration that calls Dispose; another one thrown there would take its place.
    private static bool IsFailing => Marshal.GetExceptionPointers() != 0;

    private void Stop(bool isFailing)
    {
        var report = Call(() => System.StopAsync(StopMode.Drain, _options.StopTimeout), nameof(Dispose));
        if (!report.IsComplete && !isFailing)
            throw new ExpectationException($"The system was to stop within {_options.StopTimeout}, but {report.ActorsLeft} actors and {report.CoroutinesLeft} coroutines were left, with {report.MessagesLeft} messages. Waiting: {_world.DescribeWaiting()}.", Now);
    }

    private void End()
    {
        _isDisposed = true;
        t_current = null;
        _world.ReleaseContext();
        _world.Dispose();
    }

    private async Task RequireEndAsync(Task task, SimulatedWorld.Limit limit)
    {
        var ending = await _world.UntilAsync(() => task.IsCompleted, limit);
        if (!task.IsCompleted)
            throw new ExpectationException($"The task was expected to end within {limit.Within}, but has not.{Shown.Moment(Now, ending)} Waiting: {_world.DescribeWaiting()}.", Now);
    }

    private T Call<T>(Func<Task<T>> body, string caller, string? remedy = null, string what = "The body") => _world.Call(body, caller, remedy, what);

    private void Call(Func<Task> body, string caller, string remedy, string what = "The body") => _world.Call(body, caller, remedy, what);
}
