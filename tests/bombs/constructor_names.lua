-- expect: gas
return {
  main = function(lines, n)
    while true do local t = {k0=n,k1=n,k2=n,k3=n,k4=n,k5=n,k6=n,k7=n,k8=n,k9=n,k10=n,k11=n,k12=n,k13=n,k14=n,k15=n,k16=n,k17=n,k18=n,k19=n,k20=n,k21=n,k22=n,k23=n,k24=n,k25=n,k26=n,k27=n,k28=n,k29=n,k30=n,k31=n,k32=n,k33=n,k34=n,k35=n,k36=n,k37=n,k38=n,k39=n,k40=n,k41=n,k42=n,k43=n,k44=n,k45=n,k46=n,k47=n,k48=n,k49=n,k50=n,k51=n,k52=n,k53=n,k54=n,k55=n,k56=n,k57=n,k58=n,k59=n,k60=n,k61=n,k62=n,k63=n,k64=n,k65=n,k66=n,k67=n,k68=n,k69=n,k70=n,k71=n,k72=n,k73=n,k74=n,k75=n,k76=n,k77=n,k78=n,k79=n,k80=n,k81=n,k82=n,k83=n,k84=n,k85=n,k86=n,k87=n,k88=n,k89=n,k90=n,k91=n,k92=n,k93=n,k94=n,k95=n,k96=n,k97=n,k98=n,k99=n,k100=n,k101=n,k102=n,k103=n,k104=n,k105=n,k106=n,k107=n,k108=n,k109=n,k110=n,k111=n,k112=n,k113=n,k114=n,k115=n,k116=n,k117=n,k118=n,k119=n,k120=n,k121=n,k122=n,k123=n,k124=n,k125=n,k126=n,k127=n,k128=n,k129=n,k130=n,k131=n,k132=n,k133=n,k134=n,k135=n,k136=n,k137=n,k138=n,k139=n,k140=n,k141=n,k142=n,k143=n,k144=n,k145=n,k146=n,k147=n,k148=n,k149=n} end
  end,
}
