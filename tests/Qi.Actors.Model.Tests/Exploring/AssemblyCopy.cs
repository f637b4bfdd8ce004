using System.Reflection;
using System.Runtime.Loader;


namespace Qi.Actors.Model.Controller;

/// <summary>This assembly loaded once more, with statics of its own and an explorer that stays: one exploration at a time.</summary>
internal sealed class AssemblyCopy : IDisposable
{
    private readonly AssemblyLoadContext _context = new("copy", isCollectible: true);
    private readonly IDisposable _explorer;
    private readonly MethodInfo _search;
    private readonly MethodInfo _sample;

    public AssemblyCopy()
    {
        var assembly = _context.LoadFromAssemblyPath(typeof(AssemblyCopy).Assembly.Location);
        var entry = assembly.GetType(typeof(ModelEntry).FullName!, throwOnError: true)!;
        _search = entry.GetMethod(nameof(ModelEntry.Search))!;
        _sample = entry.GetMethod(nameof(ModelEntry.Sample))!;
        _explorer = (IDisposable)Activator.CreateInstance(assembly.GetType(typeof(Explorer).FullName!, throwOnError: true)!)!;
    }

    /// <summary>Searches a scenario within its bounds. What was done, and what was found.</summary>
    public (string Report, string? Failure) Search(string scenario) => Call(_search, _explorer, scenario);

    /// <summary>Runs a scenario at random.</summary>
    public (string Report, string? Failure) Sample(string scenario, ulong seed, int executions) => Call(_sample, _explorer, scenario, seed, executions);

    public void Dispose()
    {
        _explorer.Dispose();
        _context.Unload();
    }

    private static (string Report, string? Failure) Call(MethodInfo method, params object[] arguments)
        => ((string, string?))method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
}
