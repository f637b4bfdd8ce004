using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Tests.Scheduling;

/// <summary>A stop comes while something is being opened.</summary>
internal sealed class ReactorSetTests
{
    private readonly List<string> _steps = [];
    private DispatcherPool _pool = null!;

    [Test]
    public void Attach_WhenAllIsClosedBeforeTheReactorServesIt_GivesTheNumberBackAfterwards()
    {
        _pool = Make(() => _steps.Add("plan"), () => _pool.Reactors.CloseAll());
        using var handle = Open();
        _pool.Reactors.Attach(handle);
        Assert.That(_steps, Is.EqualTo((string[])["plan", "make", "attach", "close"]));
    }

    [Test]
    public void Attach_WhenAllIsClosedBeforeThereIsAReactor_MakesNone()
    {
        _pool = Make(() => _pool.Reactors.CloseAll(), static () => { });
        using var handle = Open();
        Assert.That(() => _pool.Reactors.Attach(handle), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(_steps, Is.EqualTo((string[])["close"]));
    }

    [Test]
    public void Plan_WhoseLoggerOpensSomething_IsDecidedOnce()
    {
        int plans = 0;
        var logger = new Opener(() => plans > 2 ? default : _pool.Reactors.Plan.Kind);
        _pool = Make(() => plans++, static () => { }, logger);
        Assert.That(_pool.Reactors.Plan.Kind, Is.EqualTo(ReactorKind.Epoll));
        Assert.That((plans, logger.Count), Is.EqualTo((1, 1)));
    }

    [SetUp]
    public void Clear() => _steps.Clear();

    [TearDown]
    public void DisposeOfPool() => _pool.Dispose();

    private IoHandle Open() => new(-1, IoHandleKind.Stream, _ => _steps.Add("close"));

    private DispatcherPool Make(Action plan, Action make, ILogger? logger = null) => new(new PoolSettings
    {
        Name = "test",
        Dispatchers = 1,
        Reactors = () =>
        {
            plan();
            return new ReactorPlan(ReactorKind.Epoll, IsThreadBound: false, IsNonBlocking: true, "the test's.", () =>
            {
                _steps.Add("make");
                make();
                return new Steps(_steps);
            });
        },
        TimeProvider = TimeProvider.System,
        Logger = logger ?? NullLogger.Instance,
    });

    /// <summary>A logger that needs a reactor itself: it sends what is logged over a connection.</summary>
    private sealed class Opener(Func<ReactorKind> open) : ILogger
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Count++;
            _ = open();
        }
    }

    /// <summary>A reactor that notes what is asked of it.</summary>
    private sealed class Steps(List<string> steps) : Reactor
    {
        public override ReactorKind Kind => ReactorKind.Epoll;

        public override bool HasEvents => false;

        public override void Attach(IoHandle handle) => steps.Add("attach");

        public override void Detach(IoHandle handle)
        {
        }

        public override bool Submit(IoOperation operation) => throw new NotSupportedException("Nothing is begun.");

        public override void Cancel(IoOperation operation, int use)
        {
        }

        public override int Wait(long timeoutNs, int mostEvents) => 0;

        public override void Dispatch()
        {
        }

        public override void Wake()
        {
        }

        public override void Dispose()
        {
        }
    }
}
