// How a world is run: what is to be done is posted as a turn, and the calling thread, which is the world's own, runs turns until it has ended.
// The same asynchronous method serves both faces of the kit: inside of a turn it is awaited, outside it is posted and run to its end.

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;
using Qi.Actors.Simulated;

namespace Qi.Actors.Testing.World;

internal sealed partial class SimulatedWorld
{
    private readonly Thread _thread = Thread.CurrentThread;
    private bool _isInTurn;

    /// <summary>True once this world has failed or used up a limit, and the test was told: it runs no further.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Calls an asynchronous method as a turn of the simulation, in the execution context of the caller.</summary>
    public Task<T> Post<T>(Func<Task<T>> body)
    {
        var source = new TaskCompletionSource<T>();
        var context = ExecutionContext.Capture();
        PostedCallback.Post(
            System.Pool,
            _ =>
            {
                if (context is null)
                    RunAsync(body, source);
                else
                    ExecutionContext.Run(context, _ => RunAsync(body, source), null);
            },
            null);
        return source.Task;
    }

    /// <summary>Runs the simulation until a task has ended. Throws what has hindered it, but not what the task ended with.</summary>
    /// <param name="task">What is waited for.</param>
    /// <param name="what">Its name, for what is thrown.</param>
    public void RunUntilEnded(Task task, string what = "The body")
    {
        var context = ExecutionContext.Capture();
        try
        {
            var ending = Dispatcher.RunUntil(() => task.IsCompleted || _failure is not null, _options.TimeLimit.Ticks, _options.TurnLimit);
            IsBroken |= ending is RunEnding.TimeUp or RunEnding.TurnLimit || _failure is not null;
            switch (ending)
            {
                case RunEnding.Stuck:
                    throw new SimulationObstacleException(SimulationObstacle.Deadlock, $"{what} has not ended, but nothing is runnable and no timer is set. It waits for something that never comes, or that the simulation does not control. Waiting: {DescribeWaiting()}.");
                case RunEnding.TimeUp:
                    throw new SimulationObstacleException(SimulationObstacle.TimeLimit, $"{what} has not ended within {_options.TimeLimit} of virtual time. Raise SimulationOptions.TimeLimit, or look for what it waits for: {DescribeWaiting()}.");
                case RunEnding.TurnLimit:
                    throw new SimulationObstacleException(SimulationObstacle.TurnLimit, $"{what} has not ended within {_options.TurnLimit:N0} turns. Raise SimulationOptions.TurnLimit, or look for actors that keep each other busy; the last turn was of {CurrentTurn}.");
                default:
                    break;
            }
        }
        finally
        {
            if (context is not null)
                ExecutionContext.Restore(context); // a turn ends without one, and this thread may be a test framework's
        }

        if (Failure is { } failure)
            throw failure;
    }

    /// <summary>Calls an asynchronous method: in a turn as it is, else by running the simulation until it has ended.</summary>
    public Task<T> CallAsync<T>(Func<Task<T>> body)
    {
        RequireThread();
        if (_isInTurn)
            return body();
        var ended = Post(body);
        RunUntilEnded(ended);
        return ended;
    }

    /// <summary>Calls an asynchronous method and runs the simulation until it has ended.</summary>
    /// <param name="body">The method.</param>
    /// <param name="caller">What the user has called.</param>
    /// <param name="remedy">What to do instead inside of a turn.</param>
    /// <param name="what">What is waited for, for what is thrown.</param>
    public T Call<T>(Func<Task<T>> body, string caller, string? remedy = null, string what = "The body")
    {
        RequireThread();
        RequireOutside(caller, remedy ?? $"Await {caller}Async there");
        var ended = Post(body);
        RunUntilEnded(ended, what);
        return ended.GetAwaiter().GetResult();
    }

    /// <summary>The same for a method without a result.</summary>
    public void Call(Func<Task> body, string caller, string? remedy = null, string what = "The body")
        => Call(() => WithResultAsync(body), caller, remedy, what);

    /// <summary>The same for a method without a result.</summary>
    public Task CallAsync(Func<Task> body) => CallAsync(() => WithResultAsync(body));

    /// <summary>True on the thread that may run this world.</summary>
    public bool IsOwnThread => Thread.CurrentThread == _thread;

    /// <exception cref="ObjectDisposedException">The world has ended.</exception>
    /// <exception cref="InvalidOperationException">The caller is on another thread.</exception>
    public void RequireThread()
    {
        if (Atomic.Read(ref _hasEnded))
            throw new ObjectDisposedException(nameof(Simulation), "This simulation has ended: its TestSystem was disposed, or its body has ended. Call it before that; its logs and dead letters can still be looked at.");
        if (!IsOwnThread)
            throw WrongThread();
    }

    /// <exception cref="InvalidOperationException">The caller is in a turn.</exception>
    public void RequireOutside(string caller, string remedy)
    {
        if (_isInTurn)
            throw new InvalidOperationException($"{caller} runs the simulation, and was called inside of it, in a turn of {CurrentTurn}. {remedy}.");
    }

    /// <summary>What to say to a caller on another thread.</summary>
    public InvalidOperationException WrongThread()
        => new($"This simulation belongs to the thread {Describe(_thread)}, which made it, and was called on the thread {Describe(Thread.CurrentThread)}. "
            + "An asynchronous test goes on another thread after an await. Put what is asynchronous into TestSystem.Run(async () => ...), or the whole test into Simulation.Run.");

    /// <summary>The task of the user's asynchronous method.</summary>
    /// <exception cref="InvalidOperationException">It is null.</exception>
    public static Task TaskOf(Func<Task> body) => body() ?? throw ReturnedNull();

    private static InvalidOperationException ReturnedNull()
        => new("The body returned null in place of a task. Make it an async method, or return Task.CompletedTask.");

    private static async Task<bool> WithResultAsync(Func<Task> body)
    {
        await TaskOf(body);
        return true;
    }

    private static async void RunAsync<T>(Func<Task<T>> body, TaskCompletionSource<T> source)
    {
        try
        {
            source.SetResult(await (body() ?? throw ReturnedNull()));
        }
        catch (Exception e)
        {
            source.SetException(e);
        }
    }

    private static string Describe(Thread thread)
        => $"{thread.ManagedThreadId} ({(thread.Name is { Length: > 0 } name ? name : thread.IsThreadPoolThread ? "of the thread pool" : "without a name")})";
}
