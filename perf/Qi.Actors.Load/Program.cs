using System.Diagnostics;
using System.Reflection;

using Qi.Actors.Load;
using Qi.Actors.Load.Bars;
using Qi.Actors.Load.Contenders;
using Qi.Actors.Load.Net;
using Qi.Actors.Load.Net.Redis;
using Qi.Actors.Load.Simulated;
using Qi.Actors.Load.Soak;
using Qi.Actors.Load.Soak.Io;
using Qi.Actors.Load.Soak.Io.Partitions;
using Qi.Actors.Load.Stress;

if (IsDebugBuild(typeof(Program).Assembly) || IsDebugBuild(typeof(Qi.Actors.ActorSystem).Assembly))
{
    Console.Error.WriteLine("This is a Debug build: its figures would mean nothing. Run it with: dotnet run -c Release --project perf/Qi.Actors.Load -- ...");
    return ExitCodes.Usage;
}

try
{
    if (args is ["serve", var rendering])
        return ServeCommand.Run(rendering);
    var arguments = Arguments.Parse(args);
    if (arguments.Command is "soak" or "io-soak")
        NativeArenas.UseOne();
    return arguments.Command switch
    {
        "compare" => CompareCommand.Run(arguments),
        "net-compare" => NetCompareCommand.Run(arguments),
        "net-serve" => NetServeCommand.Run(arguments),
        "redis-compare" => RedisCompareCommand.Run(arguments),
        "io-bars" => IoBarsCommand.Run(arguments),
        "footprint" => FootprintCommand.Run(arguments),
        "stress" => StressCommand.Run(arguments),
        "soak" => SoakCommand.Run(arguments),
        "io-soak" => IoSoakCommand.Run(arguments),
        "io-churn" => ChurnCommand.Run(arguments),
        "io-peer" => PeerCommand.Run(arguments),
        "fairness" => FairnessCommand.Run(arguments),
        "blocking" => BlockingCommand.Run(arguments),
        "model" => ModelCommand.Run(arguments),
        "simulate" => SimulateCommand.Run(arguments),
        _ => Help.Show(),
    };
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitCodes.Usage;
}

static bool IsDebugBuild(Assembly assembly)
    => assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true };
