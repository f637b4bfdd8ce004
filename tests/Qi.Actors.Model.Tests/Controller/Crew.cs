// The threads of the operating system behind the model threads: made once, used by every execution. All run on one core, where handing
// over is a matter of the scheduler alone; two would only wait for each other across cores.

using System.Reflection;

using Qi.Actors.Platform;

namespace Qi.Actors.Model.Controller;

/// <summary>Threads of the operating system that run the threads of executions.</summary>
internal sealed class Crew(ThreadStatics statics) : IDisposable
{
    private readonly List<Member> _members = [];
    private readonly int _core = Thread.GetCurrentProcessorId();

    /// <summary>What is reset before each execution.</summary>
    public ThreadStatics Statics => statics;

    /// <summary>Lets a thread run on a member of its own; it begins when its baton is given.</summary>
    public void Run(ModelThread thread)
    {
        while (_members.Count <= thread.Index)
            _members.Add(new Member(_core, statics));
        _members[thread.Index].Begin(thread);
    }

    public void Dispose()
    {
        foreach (var member in _members)
            member.Begin(null);
        _members.Clear();
    }

    private sealed class Member
    {
        private readonly Baton _work = new();
        private ModelThread? _thread;

        public Member(int core, ThreadStatics statics)
        {
            var thread = new Thread(() => Main(core, statics), 512 * 1024) { IsBackground = true, Name = "model" };
            thread.UnsafeStart();
        }

        public void Begin(ModelThread? thread)
        {
            _thread = thread;
            _work.Give();
        }

        private void Main(int core, ThreadStatics statics)
        {
            Affinity.PinCurrentThread(core); // else slower, and the same
            while (true)
            {
                _work.Wait();
                if (_thread is not { } thread)
                    return;
                statics.Reset();
                ModelThread.Bind(thread);
                thread.Execution.RunThread(thread);
                thread.Execution.Leave(thread);
                ModelThread.Bind(null);
            }
        }
    }
}

/// <summary>The thread statics of the code under test, which an execution must find as a new thread would.</summary>
internal sealed class ThreadStatics
{
    private readonly (FieldInfo Field, object? Value)[] _fields;

    /// <param name="arguments">The types that generic types of one parameter are closed with in the scenario.</param>
    public ThreadStatics(IEnumerable<Type> arguments)
    {
        var closings = arguments.ToArray();
        var types = typeof(ThreadStatics).Assembly.GetTypes().SelectMany(type => Closed(type, closings));
        _fields =
        [
            .. types
                .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
                .Where(field => field.IsDefined(typeof(ThreadStaticAttribute)) && field.DeclaringType != typeof(ModelThread))
                .Select(field => (field, field.FieldType.IsValueType ? Activator.CreateInstance(field.FieldType) : null)),
        ];
    }

    public void Reset()
    {
        foreach (var (field, value) in _fields)
            field.SetValue(null, value);
    }

    private static IEnumerable<Type> Closed(Type type, Type[] arguments)
    {
        if (!type.IsGenericTypeDefinition)
            return [type];
        return type.GetGenericArguments().Length == 1 ? arguments.Where(argument => Fits(type, argument)).Select(argument => type.MakeGenericType(argument)) : [];
    }

    private static bool Fits(Type type, Type argument)
    {
        try
        {
            _ = type.MakeGenericType(argument);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
