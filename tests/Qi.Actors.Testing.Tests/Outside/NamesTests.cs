using System.Reflection;
using System.Runtime.CompilerServices;

using Qi.Actors.Testing.Outside;

namespace Qi.Actors.Testing.Tests.Outside;

/// <summary>Names of what is posted, as they stand in the source.</summary>
public sealed class NamesTests
{
    [Test]
    public void Continuation_OfAsyncMethods_HasTheNameOfItsMethod()
    {
        async Task Local(Task task) => await task;
        Func<Task, Task> lambda = async task => await task;

        AssertName(task => Store.LoadAsync(task), "NamesTests.Store.LoadAsync");
        AssertName(task => new Store.Shelf<int>().FindAsync(task).AsTask(), "NamesTests.Store.Shelf.FindAsync");
        AssertName(task => new Store.Shelf<string>().FindPooledAsync(task).AsTask(), "NamesTests.Store.Shelf.FindPooledAsync");
        AssertName(Local, "NamesTests.Continuation_OfAsyncMethods_HasTheNameOfItsMethod.Local");
        AssertName(lambda, "NamesTests.Continuation_OfAsyncMethods_HasTheNameOfItsMethod (lambda)");
        AssertName(task => Store.AllAsync(task).GetAsyncEnumerator().MoveNextAsync().AsTask(), "NamesTests.Store.AllAsync");
    }

    [Test]
    public void Continuation_OfContinueWith_HasTheNameOfTheDelegate()
    {
        AssertName(
            task => task.ContinueWith(Store.Done, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.FromCurrentSynchronizationContext()),
            "NamesTests.Store.Done");
    }

    [Test]
    public void Post_OfAPlainDelegate_HasItsName()
        => Assert.That(WorkNames.OfPost((SendOrPostCallback)Store.Take, "state"), Is.EqualTo("NamesTests.Store.Take"));

    [Test]
    public void Work_OfNobodyKnown_HasTheNameOfItsType()
        => Assert.That(WorkNames.Of(new Store.Shelf<int>()), Is.EqualTo("NamesTests.Store.Shelf"));

    [Test]
    public void Timer_OfUserCode_HasTheNameOfItsCallback()
        => Assert.That(WorkNames.OfTimer((TimerCallback)Store.Take, null), Is.EqualTo("Timer of NamesTests.Store.Take"));

    [Test]
    public void Method_OfSpecialKinds_IsWrittenAsInTheSource()
    {
        Assert.That(CodeNames.OfMethod(typeof(Store.Shelf<int>).GetConstructor([])!), Is.EqualTo("new NamesTests.Store.Shelf"));
        Assert.That(CodeNames.OfMethod(typeof(Store).GetProperty("Size", BindingFlags.Static | BindingFlags.Public)!.GetMethod!), Is.EqualTo("NamesTests.Store.Size"));
        Assert.That(CodeNames.OfMethod(typeof(Store).GetMethod("Take")!), Is.EqualTo("NamesTests.Store.Take"));
    }

    [Test]
    public void Continuation_FromAForeignThread_IsRefusedByName()
    {
        using var host = new FakeHost();
        var source = new TaskCompletionSource();
        host.Turn(() => _ = Store.LoadAsync(source.Task));
        var thread = new Thread(source.SetResult);
        thread.Start();
        thread.Join();
        Assert.That(host.Refused, Has.Count.EqualTo(1));
        Assert.That(
            host.Refused[0].Call,
            Is.EqualTo("a continuation of NamesTests.Store.LoadAsync that came from a thread which the simulation does not control"));
        Assert.That(host.Refused[0].Remedy, Does.Contain("real input or output"));
    }

    // Starts what awaits a task, under a context that only writes names down, and completes the task.
    private static void AssertName(Func<Task, Task> start, string expected)
    {
        var posted = new List<string>();
        var source = new TaskCompletionSource();
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Recorder(posted));
        try
        {
            _ = start(source.Task);
            SynchronizationContext.SetSynchronizationContext(null); // elsewhere, so that it must post
            source.SetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        Assert.That(posted, Is.EqualTo([expected]));
    }

    private sealed class Recorder(List<string> names) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => names.Add(WorkNames.OfPost(d, state));
    }

    private static class Store
    {
        public static int Size => 3;

        public static async Task LoadAsync(Task task) => await task;

        public static async IAsyncEnumerable<int> AllAsync(Task task)
        {
            await task;
            yield return 1;
        }

        public static void Done(Task task) => Assert.That(task.IsCompleted, Is.True);

        public static void Take(object? state) => Assert.That(state, Is.Not.Null);

        public sealed class Shelf<T>
        {
            public async ValueTask<T?> FindAsync(Task task)
            {
                await task;
                return default;
            }

            [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
            public async ValueTask<T?> FindPooledAsync(Task task)
            {
                await task;
                return default;
            }
        }
    }
}
