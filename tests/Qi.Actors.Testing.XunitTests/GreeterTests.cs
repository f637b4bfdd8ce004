namespace Qi.Actors.Testing.XunitTests;

/// <summary>The test kit under xunit: nothing here differs from other frameworks but the attributes.</summary>
public sealed class GreeterTests : IDisposable
{
    private readonly TestSystem _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Expectation_ThatHolds_Passes()
    {
        var probe = _test.CreateProbe<string>();
        var greeter = _test.System.Spawn<string>(async name =>
        {
            await Coroutine.DelayAsync(TimeSpan.FromHours(1));
            probe.Ref.Tell($"Hello, {name}");
        });

        greeter.Tell("Ada");
        probe.ExpectNone(TimeSpan.FromMinutes(59));

        probe.Expect("Hello, Ada", TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Expectation_ThatDoesNotHold_Throws()
    {
        var probe = _test.CreateProbe<string>();

        var failure = Assert.Throws<ExpectationException>(() => probe.Expect());

        Assert.Contains("but nothing came", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AsynchronousTest_ThatAwaitsTheKit_StaysOnItsThread()
    {
        var probe = _test.CreateProbe<int>();
        probe.Ref.Tell(1);
        int thread = Environment.CurrentManagedThreadId;

        await probe.ExpectAsync(1);
        await probe.ExpectNoneAsync();

        Assert.Equal(thread, Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void Simulation_RunsToItsEnd()
        => Simulation.Run(1, async sim =>
        {
            var probe = sim.CreateProbe<int>();
            sim.System.Schedule(probe.Ref, 7, TimeSpan.FromDays(1));
            await probe.ExpectAsync(7, TimeSpan.FromDays(2));
        });
}
