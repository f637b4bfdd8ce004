// One execution of a scenario: several threads, of which one runs at a time. Before each operation that others can see (a step) the
// running thread asks the chooser who goes on; if it is itself nothing is switched. Whoever ends or waits hands over in the same way.
//
// Only the thread that has the baton touches anything here, so nothing is locked.
//
// E1: a switch away from a thread that could go on, and does not yield, is a preemption. All others are free.
// E2: a thread that yields (Pause, SpinOnce) goes on only after another one has taken a step, or when no other can take one; a thread that has
//     taken 400 steps on end yields too. To go on all the same, through the pauses of a loop, is a choice that costs what a preemption does:
//     it is the others that are kept from going on.
// E3: nobody can go on: delayed stores become visible; then the model's clock moves to the earliest deadline; then the execution has ended,
//     well if all that wait may (ModelThread.MayBlock), else in a deadlock.
//
// This file: threads and steps. Execution.Choosing.cs: who goes on. Execution.Stores.cs: what a step sees and leaves. Execution.End.cs: how it ends.

namespace Qi.Actors.Model.Controller;

/// <summary>A run of a scenario's threads under one choice of who goes on.</summary>
internal sealed partial class Execution(Chooser chooser, int stepLimit)
{
    private const long HangMs = 30_000;
    private const int FairAfterSteps = 400;

    private static Execution? s_current;

    private readonly List<ModelThread> _spare = [];
    private readonly List<ModelThread> _threads = [];
    private readonly Baton _main = new();
    private Scenario _scenario = null!;
    private Crew _crew = null!;
    private ModelThread? _running;
    private bool _isChecking;

    /// <summary>The execution in progress; null between two.</summary>
    public static Execution? Current => s_current;

    /// <summary>Differs from that of the execution before.</summary>
    public int Number { get; private set; }

    /// <summary>Steps taken so far.</summary>
    public int Steps { get; private set; }

    /// <summary>What went wrong; null if nothing has.</summary>
    public string? Failure { get; private set; }

    /// <summary>True if no further step is taken: threads are being unwound.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Where steps are written to; null for nowhere.</summary>
    public Recorder? Recorder { get; set; }

    /// <summary>Set by a scenario that wants the monitor of its pools to run too.</summary>
    public bool HasMonitor { get; set; }

    /// <summary>The model's clock, in nanoseconds.</summary>
    public long NowNs { get; private set; }

    public IReadOnlyList<ModelThread> Threads => _threads;

    /// <summary>Runs a scenario to its end. The failure, or null.</summary>
    public string? Run(Scenario scenario, Crew crew)
    {
        _scenario = scenario;
        _crew = crew;
        Begin();
        s_current = this;
        crew.Statics.Reset();
        var setup = TakeThread(-1);
        ModelThread.Bind(setup);
        _isSettingUp = true;
        try
        {
            scenario.SetUp(this);
            _isSettingUp = false;
            setup.RawDepth = 1;
            chooser.Begin(this);
            foreach (var thread in _threads)
                crew.Run(thread);
            if (Pick(null) is { } first)
                HandTo(first);
            while (!_main.Wait((int)HangMs))
                ThrowIfHung();
            FinishOnMain();
        }
        finally
        {
            ModelThread.Bind(null);
            s_current = null;
        }

        return Failure;
    }

    /// <summary>Adds a thread; while the scenario is set up, or by a step.</summary>
    /// <param name="name">For reports.</param>
    /// <param name="body">What it does.</param>
    /// <param name="mayBlock">True if the execution may end while it waits.</param>
    public void Thread(string name, Action body, bool mayBlock = false)
    {
        var thread = TakeThread(_threads.Count);
        thread.Name = name;
        thread.Body = body;
        thread.MayBlock = mayBlock;
        _threads.Add(thread);
        if (_isSettingUp)
            return;
        if (ModelThread.Any is { Index: >= 0 } parent)
            thread.Hash = Mixing.Mix(parent.Hash, thread.Hash);
        _crew.Run(thread);
    }

    /// <summary>A member of the crew is about to run a thread's body.</summary>
    public void RunThread(ModelThread thread)
    {
        thread.Baton.Wait();
        try
        {
            thread.IsAbandoned = IsOver;
            if (!IsOver)
                thread.Body();
            if (thread.Delayed.Count > 0)
                Yield(thread, new Site(StepKind.End, "", 0)); // others may go on before its last stores become visible
        }
        catch (ExecutionOverException)
        {
        }
        catch (Exception e)
        {
            if (!thread.IsAbandoned)
                Fail($"{thread.Name} threw {e.GetType().Name}: {e.Message}{Environment.NewLine}{e.StackTrace}");
        }
    }

    /// <summary>A member of the crew has run a thread's body.</summary>
    public void Leave(ModelThread thread)
    {
        thread.IsDone = true;
        if (IsOver)
        {
            _main.Give();
            return;
        }

        DrainOf(thread);
        try
        {
            CheckStep();
            TookStep(thread);
            Steps++;
            if (Failure is null && Pick(null) is { } next)
            {
                HandTo(next);
                return;
            }
        }
        catch (ExecutionOverException)
        {
        }

        _main.Give();
    }

    /// <summary>A thread has come to its next step: returns when it is to take it.</summary>
    /// <param name="thread">The calling thread.</param>
    /// <param name="site">What it does, and where.</param>
    /// <param name="key">What it touches: an address, or the number of a lock; 0 if nothing that others can see.</param>
    public void Arrive(ModelThread thread, Site site, nuint key = 0)
    {
        if (thread.IsAbandoned)
        {
            if (++thread.Leftover > 10_000 || site.Kind is StepKind.Pause or StepKind.Park or StepKind.Wait)
                throw new ExecutionOverException();
            return;
        }

        if (TryPassQuietly(thread, site))
            return;
        thread.Pending = site;
        thread.PendingKey = key;
        CheckStep();
        if (++Steps > stepLimit)
            Fail($"Livelock: {stepLimit} steps and no end. {thread.Name} is at {site}.");
        if (Failure is not null)
            Unwind(thread);
        if (++thread.StepsOnEnd > FairAfterSteps)
        {
            thread.StepsOnEnd = 0;
            thread.IsYielding = true;
        }

        if (thread.Gate is { } gate && !gate.IsOpen(thread))
            DrainOf(thread);
        var next = Pick(thread);
        if (next is null)
        {
            _main.Give(); // all that is left waits: this one too
            Await(thread);
        }
        else if (next != thread)
        {
            HandTo(next);
            Await(thread);
            thread.StepsOnEnd = 0;
            thread.StubbornPauses = 0;
        }

        thread.IsYielding = false;
        TookStep(thread);
        Touch(thread, key, isRead: site.Kind == StepKind.Read);
        Recorder?.Step(thread, site);
    }

    /// <summary>Waits until a gate is open: a step.</summary>
    public void Wait(ModelThread thread, Site site, IGate gate, nuint key)
    {
        thread.Gate = gate;
        Arrive(thread, site, key);
        thread.Gate = null;
    }

    /// <summary>Lets others go on before the next step.</summary>
    public void Yield(ModelThread thread, Site site)
    {
        thread.IsYielding = thread.StubbornPauses == 0;
        if (thread.StubbornPauses > 0)
            thread.StubbornPauses--;
        Arrive(thread, site);
    }

    /// <summary>A thread has come to the release of a lock, which is part of the step before: whoever waits for the lock could not go on.</summary>
    public void ReachRelease(ModelThread thread, Site site)
    {
        Steps++; // choices are named by it
        Recorder?.Step(thread, site);
    }

    /// <summary>The place of a step whose call does not bring it along: found only where it is to be written down.</summary>
    public Site CallSite(StepKind kind)
    {
        if (Recorder is null)
            return new Site(kind, "", 0);
        var frames = new System.Diagnostics.StackTrace(2, fNeedFileInfo: true).GetFrames();
        var frame = frames.FirstOrDefault(frame => frame.GetMethod()?.DeclaringType?.Namespace?.StartsWith("System", StringComparison.Ordinal) is false);
        return new Site(kind, frame?.GetFileName() ?? frame?.GetMethod()?.Name ?? "", frame?.GetFileLineNumber() ?? 0);
    }

    private void TookStep(ModelThread thread)
    {
        foreach (var other in _threads)
        {
            if (other != thread)
                other.IsYielding = false;
        }
    }

    private void HandTo(ModelThread thread)
    {
        _running = thread;
        thread.Baton.Give();
    }

    private void Await(ModelThread thread)
    {
        thread.Baton.Wait();
        if (IsOver)
        {
            thread.IsAbandoned = true;
            throw new ExecutionOverException();
        }

        if (Failure is not null)
            Unwind(thread);
    }

    private ModelThread TakeThread(int index)
    {
        if (index < 0)
        {
            _setupThread ??= new ModelThread(this, -1);
            _setupThread.Reset();
            return _setupThread;
        }

        while (_spare.Count <= index)
            _spare.Add(new ModelThread(this, _spare.Count));
        _spare[index].Reset();
        return _spare[index];
    }
}
