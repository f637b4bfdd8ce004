using System.Net;
using System.Net.Sockets;

using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Dns;

/// <summary>Names to addresses: shared look-ups, answers that are kept, and a resolver that never answers.</summary>
internal sealed class NameResolverTests
{
    private static readonly IPAddress s_four = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_six = IPAddress.Parse("2001:db8::1");

    [Test]
    public async Task Resolve_Localhost_AsksTheSystem()
    {
        await using var system = new TestSystem();
        var found = await Signal.Within(system.Actors.GetNames().ResolveAsync("localhost", AddressFamily.InterNetwork));
        Assert.That(found, Is.EqualTo(new[] { IPAddress.Loopback }));
        var first = system.Actors.GetNames();
        Assert.That(system.Actors.GetNames(), Is.SameAs(first));
    }

    [Test]
    public async Task Resolve_ALiteralAddress_AsksNobody()
    {
        await using var system = new TestSystem();
        var names = new NameResolver(system.Actors, new NameResolverOptions { LookUp = (_, _) => throw new InvalidOperationException("asked") });
        var four = names.ResolveAsync("192.0.2.1");
        Assert.That(four.IsCompletedSuccessfully, Is.True);
        Assert.That(await four, Is.EqualTo(new[] { s_four }));
        Assert.That(await names.ResolveAsync("[2001:db8::1]", AddressFamily.InterNetworkV6), Is.EqualTo(new[] { s_six }));
        var wrong = await Assert.ThrowsAsync<IOException>(() => names.ResolveAsync("192.0.2.1", AddressFamily.InterNetworkV6).AsTask());
        Assert.That(((SocketException)wrong!.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.HostNotFound));
    }

    [Test]
    public async Task Resolve_EqualQuestionsInProgress_ShareOneLookUp()
    {
        await using var system = new TestSystem();
        using var resolver = new SlowResolver();
        var names = new NameResolver(system.Actors, new NameResolverOptions { LookUp = resolver.LookUp });
        var waiting = new[] { "one.test", "ONE.test", "one.test" }.Select(host => names.ResolveAsync(host).AsTask()).ToArray();
        await Signal.Within(resolver.Asked);
        var other = names.ResolveAsync("one.test", AddressFamily.InterNetworkV6).AsTask();
        await Signal.Within(resolver.Asked);
        resolver.Answer();
        foreach (var found in await Signal.Within(Task.WhenAll(waiting)))
            Assert.That(found, Is.EqualTo(new[] { s_four, s_six }));
        Assert.That(await Signal.Within(other), Is.EqualTo(new[] { s_six }));
        Assert.That(resolver.Count, Is.EqualTo(2));
    }

    [Test]
    public async Task Resolve_Again_IsKeptForItsTimeToLive()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        int asked = 0;
        var names = new NameResolver(system.Actors, new NameResolverOptions { LookUp = (_, _) => Atomic.Add(ref asked, 1) > 0 ? [s_four] : [] });
        await Signal.Within(names.ResolveAsync("kept.test"));
        time.Advance(TimeSpan.FromSeconds(29.9));
        var kept = names.ResolveAsync("kept.test");
        Assert.That(kept.IsCompletedSuccessfully, Is.True);
        Assert.That(await kept, Is.EqualTo(new[] { s_four }));
        time.Advance(TimeSpan.FromSeconds(0.2));
        await Signal.Within(names.ResolveAsync("kept.test"));
        Assert.That(Atomic.Read(ref asked), Is.EqualTo(2));
    }

    [Test]
    public async Task Resolve_Failure_IsKeptForASecondAndNamesTheHost()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        int asked = 0;
        var names = new NameResolver(
            system.Actors,
            new NameResolverOptions { LookUp = (_, _) => throw new SocketException((int)(Atomic.Add(ref asked, 1) > 0 ? SocketError.HostNotFound : SocketError.Success)) });
        var first = await Assert.ThrowsAsync<IOException>(() => Signal.Within(names.ResolveAsync("missing.test")));
        Assert.That(first!.Message, Does.StartWith("Looking up missing.test failed: "));
        var second = await Assert.ThrowsAsync<IOException>(() => Signal.Within(names.ResolveAsync("missing.test")));
        Assert.That(second, Is.Not.SameAs(first));
        Assert.That(Atomic.Read(ref asked), Is.EqualTo(1));
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<IOException>(() => Signal.Within(names.ResolveAsync("missing.test")));
        Assert.That(Atomic.Read(ref asked), Is.EqualTo(2));
    }

    [Test]
    public async Task Resolve_AnEmptyAnswer_IsNotFound()
    {
        await using var system = new TestSystem();
        var names = new NameResolver(system.Actors, new NameResolverOptions { LookUp = (_, _) => [s_four] });
        var failure = await Assert.ThrowsAsync<IOException>(() => Signal.Within(names.ResolveAsync("four.test", AddressFamily.InterNetworkV6)));
        Assert.That(((SocketException)failure!.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.HostNotFound));
    }

    [Test]
    public async Task Resolve_WithAResolverThatNeverAnswers_EndsAtTheDeadlineAndNamesTheHost()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        using var resolver = new SlowResolver();
        var names = new NameResolver(system.Actors, new NameResolverOptions { LookUp = resolver.LookUp });
        var asked = names.ResolveAsync("silent.test").AsTask();
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(asked.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(0.1));
        var failure = await Assert.ThrowsAsync<TimeoutException>(() => Signal.Within(asked));
        Assert.That(failure!.Message, Does.Contain("silent.test").And.Contain("00:00:05"));
        resolver.Answer();
    }

    [Test]
    public async Task Resolve_Cancelled_LeavesTheLookUpToTheOthers()
    {
        await using var system = new TestSystem();
        using var resolver = new SlowResolver();
        var names = new NameResolver(system.Actors, new NameResolverOptions { LookUp = resolver.LookUp });
        using var cancel = new CancellationTokenSource();
        var leaving = names.ResolveAsync("shared.test", cancellationToken: cancel.Token).AsTask();
        var staying = names.ResolveAsync("shared.test").AsTask();
        await Signal.Within(resolver.Asked);
        await cancel.CancelAsync();
        Assert.That(() => Signal.Within(leaving), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(staying.IsCompleted, Is.False);
        resolver.Answer();
        Assert.That(await Signal.Within(staying), Is.EqualTo(new[] { s_four, s_six }));
        Assert.That(resolver.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Resolve_WhenAllThreadsAreStuck_DropsWhatNobodyWaitsFor()
    {
        await using var system = new TestSystem();
        using var resolver = new SlowResolver();
        var names = new NameResolver(system.Actors, new NameResolverOptions { LookUp = resolver.LookUp, MostLookUps = 1 });
        var stuck = names.ResolveAsync("stuck.test").AsTask();
        await Signal.Within(resolver.Asked);
        using var cancel = new CancellationTokenSource();
        var waiting = names.ResolveAsync("waits.test", cancellationToken: cancel.Token).AsTask();
        Assert.That(names.QuestionCount, Is.EqualTo(2));
        await cancel.CancelAsync();
        Assert.That(() => Signal.Within(waiting), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(names.QuestionCount, Is.EqualTo(1));
        var next = names.ResolveAsync("next.test").AsTask();
        resolver.Answer();
        await Signal.Within(Task.WhenAll(stuck, next));
        Assert.That(resolver.Hosts, Is.EqualTo(new[] { "stuck.test", "next.test" }));
    }

    [Test]
    public async Task Resolve_MoreThanAreKept_DropsTheOldest()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        int asked = 0;
        var names = new NameResolver(system.Actors, new NameResolverOptions { MostKept = 2, LookUp = (_, _) => Atomic.Add(ref asked, 1) > 0 ? [s_four] : [] });
        foreach (string host in new[] { "a.test", "b.test", "c.test" })
        {
            await Signal.Within(names.ResolveAsync(host));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(names.QuestionCount, Is.EqualTo(2));
        await Signal.Within(names.ResolveAsync("b.test"));
        Assert.That(Atomic.Read(ref asked), Is.EqualTo(3));
        await Signal.Within(names.ResolveAsync("a.test"));
        Assert.That(Atomic.Read(ref asked), Is.EqualTo(4));
    }

    [Test]
    public async Task Resolve_WhenTheSystemHasStopped_IsRefused()
    {
        await using var system = new TestSystem();
        var names = new NameResolver(system.Actors, new NameResolverOptions { LookUp = (_, _) => [s_four] });
        await system.Actors.StopAsync(StopMode.Now, Signal.Bound);
        Assert.That(() => Signal.Within(names.ResolveAsync("late.test")), Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains("late.test"));
        Assert.That(names.QuestionCount, Is.Zero);
    }

    [Test]
    public async Task Misuse_IsRefused()
    {
        await using var system = new TestSystem();
        var names = system.Actors.GetNames();
        Assert.Multiple(() =>
        {
            Assert.That(() => names.ResolveAsync(" "), Throws.ArgumentException);
            Assert.That(() => names.ResolveAsync(new string('a', 256)), Throws.ArgumentException.With.Message.Contains("256"));
            Assert.That(() => names.ResolveAsync("a.test", AddressFamily.Unix), Throws.ArgumentException.With.Message.Contains("Unix"));
            Assert.That(() => names.ResolveAsync("a.test", cancellationToken: new CancellationToken(canceled: true)).AsTask(), Throws.InstanceOf<OperationCanceledException>());
            Refuses(new NameResolverOptions { Timeout = TimeSpan.Zero });
            Refuses(new NameResolverOptions { TimeToLive = TimeSpan.FromTicks(-1) });
            Refuses(new NameResolverOptions { FailureTimeToLive = TimeSpan.FromDays(2) });
            Refuses(new NameResolverOptions { MostLookUps = 0 });
            Refuses(new NameResolverOptions { MostKept = 0 });
        });

        void Refuses(NameResolverOptions options) => Assert.That(() => new NameResolver(system.Actors, options), Throws.ArgumentException.With.Message.Contains("Allowed: "));
    }

    /// <summary>Answers when it is told to, and all that follow at once.</summary>
    private sealed class SlowResolver : IDisposable
    {
        private readonly ManualResetEventSlim _mayAnswer = new();
        private readonly List<string> _hosts = [];

        public SemaphoreSlim Asked { get; } = new(0);

        public int Count => Hosts.Length;

        public string[] Hosts
        {
            get
            {
                lock (_hosts)
                    return [.. _hosts];
            }
        }

        public void Answer() => _mayAnswer.Set();

        public IReadOnlyList<IPAddress> LookUp(string host, AddressFamily family)
        {
            lock (_hosts)
                _hosts.Add(host);
            Asked.Release();
            Signal.Block(_mayAnswer, "leave to answer");
            return [s_four, s_six];
        }

        public void Dispose()
        {
            _mayAnswer.Set();
            Asked.Dispose();
        }
    }
}
